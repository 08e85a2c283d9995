import * as z from 'zod';
import { StartError } from '../db/start-error.ts';

export type Variables = Record<string, unknown>;

/** What this installation is, read once. */
export type Config = {
  /** Shows one-time codes and the role switcher. Only ever true on the embedded database. */
  demo: boolean;
  /** Null: the embedded PostgreSQL (on Workers: Hyperdrive). */
  databaseUrl: string | null;
  host: string;
  port: number;
  /** Scheme, host and port that people open, without a path: what passes are issued for and their QR leads to. */
  origin: string;
  /** Keys for cookies, tickets, short codes and data at rest are derived from it. At least 32 bytes. */
  secret: string;
  sms: { url: string; secret: string } | null;
  /** The header in which a proxy of ours tells the caller's address; null: the connection's own address counts. */
  addressHeader: string | null;
  logLevel: 'debug' | 'info' | 'warning' | 'error';
};

export type Reading = {
  shell?: 'node' | 'workers';
  /** What must be set outside demo mode; a server needs all of it, a command less. */
  needs?: readonly Name[];
  /** What a shell knows without being told: the demo's kept secret, the address in the local network. */
  defaults?: { secret?: string; host?: string; origin?: (port: number) => string };
};

const secretBytesMin = 32;

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value <= 65_535);
const httpUrl = z.url({ protocol: /^https?$/ });

/** One sentence for each variable: what it must be. */
const fields = {
  DATABASE_URL: [
    z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    'must look like postgres://user:password@host:5432/database',
  ],
  HOST: [z.string().min(1).optional(), 'must be an address to listen on'],
  PORT: [port.optional(), 'must be a port number, such as 8787'],
  ORIGIN: [
    httpUrl
      .refine(isBareOrigin)
      .transform((value) => new URL(value).origin)
      .optional(),
    'must be the address people open, such as https://card.example.org',
  ],
  TONGKA_SECRET: [
    z.string().refine(isLongEnough).optional(),
    `must have at least ${secretBytesMin} bytes; make one with "openssl rand -base64 48"`,
  ],
  SMS_GATEWAY_URL: [
    httpUrl.refine(isSafeGateway).optional(),
    'must be the https address of your SMS gateway',
  ],
  SMS_GATEWAY_SECRET: [
    z.string().refine(isLongEnough).optional(),
    `must have at least ${secretBytesMin} bytes: it signs what is sent to the SMS gateway`,
  ],
  ADDRESS_HEADER: [
    z
      .string()
      .regex(/^[A-Za-z0-9-]+$/)
      .optional(),
    'must be the name of a header, such as x-real-ip',
  ],
  LOG_LEVEL: [
    z.enum(['debug', 'info', 'warning', 'error']).optional(),
    'must be debug, info, warning or error',
  ],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Name = keyof typeof fields;
type Parsed = { [N in Name]: z.output<(typeof fields)[N][0]> };

const serverNeeds = ['ORIGIN', 'TONGKA_SECRET', 'SMS_GATEWAY_URL', 'SMS_GATEWAY_SECRET'] as const;

/** The process's own variables: nothing else in this code base reads them. */
export function environment(): Variables {
  return process.env;
}

/** Parses what this shell was given, or throws one sentence that names everything missing or wrong. */
export function readConfig(variables: Variables, reading: Reading = {}): Config {
  const { shell = 'node', needs = serverNeeds, defaults = {} } = reading;
  const isSet = (name: Name) => variables[name] !== undefined && variables[name] !== '';
  const complaints: string[] = [];
  const parsed = Object.fromEntries(
    Object.entries(fields).map(([name, [schema, wish]]) => {
      const result = schema.safeParse(variables[name] === '' ? undefined : variables[name]);
      if (!result.success) complaints.push(`${name} ${wish}`);
      return [name, result.data];
    }),
  ) as Parsed;
  const demo = shell === 'node' && !isSet('DATABASE_URL');
  for (const name of demo ? [] : needs) {
    if (!isSet(name)) complaints.push(`${name} is missing: it ${fields[name][1]}`);
  }
  if (complaints.length > 0) throw new StartError(`${complaints.join('; ')}.`);
  const { SMS_GATEWAY_URL: smsUrl, SMS_GATEWAY_SECRET: smsSecret } = parsed;
  const listenPort = parsed.PORT ?? 8787;
  return {
    demo,
    databaseUrl: parsed.DATABASE_URL ?? null,
    host: parsed.HOST ?? defaults.host ?? '127.0.0.1',
    port: listenPort,
    origin: parsed.ORIGIN ?? defaults.origin?.(listenPort) ?? `http://localhost:${listenPort}`,
    secret: parsed.TONGKA_SECRET ?? defaults.secret ?? '',
    sms: smsUrl && smsSecret ? { url: smsUrl, secret: smsSecret } : null,
    addressHeader: parsed.ADDRESS_HEADER ?? null,
    logLevel: parsed.LOG_LEVEL ?? (demo ? 'warning' : 'info'),
  };
}

function isLongEnough(secret: string): boolean {
  return new TextEncoder().encode(secret).length >= secretBytesMin;
}

function isBareOrigin(url: string): boolean {
  const { pathname, search, hash, username } = new URL(url);
  return pathname === '/' && `${search}${hash}${username}` === '';
}

/** Codes travel encrypted, or do not leave the machine. */
function isSafeGateway(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
