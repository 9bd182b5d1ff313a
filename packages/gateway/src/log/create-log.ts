import { type DestinationStream, type Logger, pino } from "pino";
import pretty from "pino-pretty";

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Where lines go, without their newline's meaning: stderr, mostly. */
  readonly write: (text: string) => void;
  /** Set for people, with or without colours; else JSON, a line each. */
  readonly pretty: false | { readonly colours: boolean };
  /** What must not stand in any line. */
  readonly secrets: readonly string[];
}

/** Shorter ones would be found inside of ordinary words. */
const shortestHidden = 8;

/** The log of a deployment. Whatever stands in a line, the secrets of its configuration do not. */
export function createLog({ level, write, pretty: forPeople, secrets }: LogOptions): Logger {
  const hidden = secrets
    .filter((secret) => secret.length >= shortestHidden)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .sort((a, b) => b.length - a.length);
  const print = forPeople
    ? pretty.prettyFactory({
        colorize: forPeople.colours,
        translateTime: "HH:MM:ss.l",
        ignore: "pid,hostname,type",
      })
    : (line: string) => line;
  const destination: DestinationStream = {
    write: (line) => write(print(hidden.reduce((text, secret) => text.replaceAll(secret, "<hidden>"), line))),
  };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
