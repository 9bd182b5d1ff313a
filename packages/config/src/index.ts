// The public door of config: every exported name stands here by hand.
export type { AgentSettings } from "./agent-section.ts";
export { createDeploymentSchema } from "./deployment-schema.ts";
export { type DescribedValue, describeConfig } from "./describe.ts";
export { type FormatConfigOptions, formatConfig, formatConfigJson } from "./format-config.ts";
export { formatProblems, type Style } from "./format-problems.ts";
export { type GatewaySettings, gatewaySection, isLoopback } from "./gateway-section.ts";
export { getConfigValue } from "./get-value.ts";
export { type InitAnswers, initConfig } from "./init.ts";
export { deploymentJsonSchema, type JsonSchema } from "./json-schema.ts";
export {
  type ConfiguredChannel,
  type Deployment,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
} from "./load.ts";
export { formatOrigin, type Origin } from "./origin.ts";
export { ConfigError, type ConfigProblem, type ProblemCode, problemCodes } from "./problems.ts";
export type { ReadFile } from "./read-file.ts";
export { configReference } from "./reference-page.ts";
export type { Environment } from "./references.ts";
export { secretValuesOf } from "./secret-values.ts";
export { type ConfigChange, removeConfigValue, setConfigValue } from "./set-value.ts";
