import { join } from "node:path";
import { configReference, deploymentJsonSchema } from "@jackfield/config";
import { channelTypes } from "jackfield";

const root = join(import.meta.dirname, "..");

/** The checked-in files that are made from the schemas, with the text that they have to have. */
export const generatedFiles: readonly { readonly path: string; readonly text: string }[] = [
  {
    path: join(root, "config/jackfield.schema.json"),
    text: `${JSON.stringify(deploymentJsonSchema(channelTypes), undefined, 2)}\n`,
  },
  { path: join(root, "docs/configuration.md"), text: configReference(channelTypes) },
];
