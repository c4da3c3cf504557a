import { describe, expect, test } from "bun:test";
import type { Command } from "./cli/command.ts";
import { parseArguments } from "./cli/parse.ts";
import { CONFIG_OPTIONS, readConfig, type Config } from "./config.ts";
import { UsageError } from "./options/errors.ts";

const DEFAULTS: Config = {
  port: 9090,
  host: undefined,
  maxMemory: 512 * 1024 ** 2,
  ttl: 1024,
  rateLimit: 10,
  byteRate: 1024 ** 2,
  streamRate: 60,
  maxConnections: undefined,
  maxConnectionsPerClient: 64,
  maxSubscriptions: undefined,
  maxSubscriptionsPerClient: 1024,
  workers: 1,
  allowHosts: [],
  allowOrigins: undefined,
  trustProxies: [],
  tls: undefined,
  valkey: undefined,
  metricsPort: undefined,
  metricsHost: "127.0.0.1",
  allowCoreDumps: false,
  logFormat: "text",
};

type Variables = Record<string, string | undefined>;

const serve: Command = {
  name: "serve",
  summary: "",
  details: [],
  arguments: [],
  options: CONFIG_OPTIONS,
  run: () => Promise.reject(new Error("only parsed here")),
};

/** The configuration of `malten serve` with these arguments. */
function config(args: string, env: Variables = {}): Config {
  return readConfig(parseArguments(serve, args.split(" ").filter(Boolean), env));
}

/** The error message; undefined if the configuration is valid. */
function errorOf(args: string[], env: Variables = {}): string | undefined {
  try {
    readConfig(parseArguments(serve, args, env));
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return undefined;
}

describe("flags take precedence over variables, variables over defaults", () => {
  const env = {
    MALTEN_PORT: "1",
    MALTEN_HOST: "127.0.0.1",
    MALTEN_MAX_MEMORY: "1m",
    MALTEN_TTL: "2",
    MALTEN_RATE_LIMIT: "3",
    MALTEN_BYTE_RATE: "64k",
    MALTEN_STREAM_RATE: "8",
    MALTEN_ALLOW_HOST: "chat.example, 203.0.113.7",
    MALTEN_ALLOW_ORIGIN: "https://app.example",
    MALTEN_TRUST_PROXY: "127.0.0.1",
    MALTEN_MAX_CONNECTIONS: "4",
    MALTEN_MAX_CONNECTIONS_PER_CLIENT: "5",
    MALTEN_MAX_SUBSCRIPTIONS: "6",
    MALTEN_MAX_SUBSCRIPTIONS_PER_CLIENT: "7",
    MALTEN_TLS_CERT: "a.crt",
    MALTEN_TLS_KEY: "a.key",
    MALTEN_VALKEY_URL: "valkey://:secret@a.example,valkey://:secret@[::1]:7000",
    MALTEN_WORKERS: "9",
    MALTEN_METRICS_PORT: "8",
    MALTEN_METRICS_HOST: "::1",
    MALTEN_ALLOW_CORE_DUMPS: "1",
    MALTEN_LOG_FORMAT: "json",
  };
  const fromVariables: Config = {
    port: 1,
    host: "127.0.0.1",
    maxMemory: 1024 ** 2,
    ttl: 2,
    rateLimit: 3,
    byteRate: 65_536,
    streamRate: 8,
    allowHosts: ["chat.example", "203.0.113.7"],
    allowOrigins: ["https://app.example"],
    trustProxies: [{ address: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], bits: 128 }],
    maxConnections: 4,
    maxConnectionsPerClient: 5,
    maxSubscriptions: 6,
    maxSubscriptionsPerClient: 7,
    workers: 9,
    tls: { certFile: "a.crt", keyFile: "a.key" },
    valkey: {
      access: {
        nodes: [
          { host: "a.example", port: 6379 },
          { host: "::1", port: 7000 },
        ],
        username: undefined,
        password: "secret",
        tls: false,
      },
      caFile: undefined,
    },
    metricsPort: 8,
    metricsHost: "::1",
    allowCoreDumps: true,
    logFormat: "json",
  };

  test("variables only", () => {
    expect(config("", env)).toEqual(fromVariables);
  });

  test("all flags and all variables", () => {
    const flags =
      "--port 10 --host ::1 --max-memory 2048k --ttl 20 --rate-limit 0 --byte-rate 0 --stream-rate 0 --max-connections 40 " +
      "--allow-host * --allow-origin http://a.example:81,null --trust-proxy 10.0.0.0/8,2001:db8::/32 " +
      "--max-connections-per-client 50 --max-subscriptions 60 --max-subscriptions-per-client 70 " +
      "--tls-cert b.crt --tls-key b.key --valkey-url rediss://b.example --valkey-url rediss://c.example:1 --valkey-ca b.pem " +
      "--workers auto --metrics-port 80 --metrics-host ::2 --log-format text --allow-core-dumps";
    expect(config(flags, env)).toEqual({
      port: 10,
      host: "::1",
      maxMemory: 2048 * 1024,
      ttl: 20,
      rateLimit: 0,
      byteRate: 0,
      streamRate: 0,
      allowHosts: ["*"],
      allowOrigins: ["http://a.example:81", "null"],
      trustProxies: [
        { address: [0, 0, 0, 0, 0, 0xffff, 0x0a00, 0], bits: 104 },
        { address: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], bits: 32 },
      ],
      maxConnections: 40,
      maxConnectionsPerClient: 50,
      maxSubscriptions: 60,
      maxSubscriptionsPerClient: 70,
      workers: "auto",
      tls: { certFile: "b.crt", keyFile: "b.key" },
      valkey: {
        access: {
          nodes: [
            { host: "b.example", port: 6379 },
            { host: "c.example", port: 1 },
          ],
          username: undefined,
          password: undefined,
          tls: true,
        },
        caFile: "b.pem",
      },
      metricsPort: 80,
      metricsHost: "::2",
      allowCoreDumps: true,
      logFormat: "text",
    });
  });

  test("some flags and all variables", () => {
    expect(config("--ttl 9", env)).toEqual({ ...fromVariables, ttl: 9 });
    expect(config("--ttl=9", { MALTEN_PORT: "7" })).toEqual({ ...DEFAULTS, port: 7, ttl: 9 });
  });

  test("an empty variable is unset", () => {
    const empty = { MALTEN_PORT: "", MALTEN_HOST: "", MALTEN_MAX_MEMORY: "", MALTEN_TTL: undefined };
    expect(config("", empty)).toEqual(DEFAULTS);
  });

  test("other variables are ignored", () => {
    expect(config("", { PORT: "1", HOST: "x", MALTEN_NONSENSE: "x" })).toEqual(DEFAULTS);
  });
});

describe("the engine", () => {
  const valkey = (flags: string, env?: Variables) => config(flags, env).valkey;

  test("is reached by a URL with a user and a password, from a variable", () => {
    const env = { MALTEN_VALKEY_URL: "valkeys://some%20one:p%40ss%2C@example.org:6380/0" };
    expect(valkey("", env)?.access).toEqual({
      nodes: [{ host: "example.org", port: 6380 }],
      username: "some one",
      password: "p@ss,",
      tls: true,
    });
  });

  test("has one file with URLs instead", () => {
    expect(valkey("--valkey-url-file urls")).toEqual({ access: { file: "urls" }, caFile: undefined });
    expect(errorOf(["--valkey-url-file", "urls", "--valkey-url", "redis://a"])).toBe(
      "--valkey-url cannot be used with --valkey-url-file",
    );
  });

  test("is not given by other URLs, and no error repeats a password", () => {
    const wrong = ["", "a", "http://a", "redis://", "redis://a/1", "redis://a?x=1", "redis://:secret@a,b"];
    for (const url of wrong) {
      expect(errorOf([`--valkey-url=${url}`])).toBe(
        "invalid --valkey-url: use URLs like valkey://host:6379, or valkeys:// for TLS",
      );
    }
    expect(errorOf(["--valkey-url", "redis://:secret@a"])).toMatch(/^a password in --valkey-url is visible/);
    expect(errorOf(["--valkey-url", "redis://a", "--valkey-url", "rediss://b"])).toMatch(
      /must have the same/,
    );
    expect(errorOf(["--valkey-ca", "a.pem"])).toBe("--valkey-ca requires --valkey-url");
  });
});

describe("values", () => {
  test("numbers have a minimum and a maximum", () => {
    for (const [flag, min, max] of [
      ["port", 0, 65_535],
      ["metrics-port", 0, 65_535],
      ["rate-limit", 0, 1_000_000],
    ] as const) {
      expect(errorOf([`--${flag}`, `${min}`])).toBeUndefined();
      expect(errorOf([`--${flag}`, `${max}`])).toBeUndefined();
      for (const wrong of [
        `${min - 1}`,
        `${max + 1}`,
        "",
        "x",
        "1.5",
        "1e3",
        "0x10",
        " 1",
        "NaN",
        "9999999999",
      ]) {
        expect(errorOf([`--${flag}=${wrong}`])).toBe(
          `invalid --${flag} "${wrong}": use a whole number from ${min} to ${max}`,
        );
      }
    }
  });

  test("durations are seconds or have a unit", () => {
    const times = { "1": 1, "604800": 604_800, "90s": 90, "15m": 900, "2h": 7200, "7d": 604_800 };
    for (const [time, seconds] of Object.entries(times)) expect(config(`--ttl ${time}`).ttl).toBe(seconds);
    for (const wrong of [
      "",
      "0",
      "604801",
      "8d",
      "-1",
      "1.5h",
      "1 h",
      "h",
      "2w",
      "1e3",
      "forever",
      "9999999999",
    ])
      expect(errorOf([`--ttl=${wrong}`])).toBe(
        `invalid --ttl "${wrong}": use a duration from 1s to 7d, like 90, 15m or 2h`,
      );
  });

  test("sizes are bytes or have a unit", () => {
    const sizes = {
      "1048576": 1024 ** 2,
      "2048k": 2 * 1024 ** 2,
      "2048K": 2 * 1024 ** 2,
      "3m": 3 * 1024 ** 2,
      "2g": 2 * 1024 ** 3,
      "5MB": 5 * 1024 ** 2,
    };
    for (const [size, bytes] of Object.entries(sizes))
      expect(config(`--max-memory ${size}`).maxMemory).toBe(bytes);
    for (const wrong of ["", "x", "m", "1", "1023k", "1t", "1.5g", "-1", "1 m", "1mm", "1e9", "0x10"]) {
      expect(errorOf([`--max-memory=${wrong}`])).toBe(
        `invalid --max-memory "${wrong}": use a size of 1m or more, like 512m, 2g or a number of bytes`,
      );
    }
  });

  test("TLS needs a certificate and its key, or neither", () => {
    expect(errorOf(["--tls-cert", "a"])).toBe("--tls-cert requires --tls-key");
    expect(errorOf(["--tls-key", "a"])).toBe("--tls-key requires --tls-cert");
    expect(config("--tls-self-signed").tls).toBe("self-signed");
    expect(errorOf(["--tls-self-signed", "--tls-cert", "a", "--tls-key", "a"])).toContain(
      "cannot be used with",
    );
    expect(errorOf(["--tls-cert=", "--tls-key", "a"])).toStartWith('invalid --tls-cert "": use a PEM file');
  });

  test("rates of bytes are 0 or at least 1k", () => {
    const rates = { "0": 0, "1024": 1024, "1k": 1024, "2m": 2 * 1024 ** 2 };
    for (const [rate, bytes] of Object.entries(rates))
      expect(config(`--byte-rate ${rate}`).byteRate).toBe(bytes);
    for (const wrong of ["", "1", "1023", "00", "0k", "-1", "x"]) {
      expect(errorOf([`--byte-rate=${wrong}`])).toBe(
        `invalid --byte-rate "${wrong}": use 0, or bytes per second of 1k or more, like 512k or 2m`,
      );
    }
  });

  test("lists have only valid items", () => {
    const lists = {
      "allow-host": ["", "a b", "a,", "example.org:80", "http://example.org", "[::1]", "a/b"],
      "allow-origin": [
        "",
        "*",
        "example.org",
        "https://example.org/",
        "https://EXAMPLE.org",
        "https://a.example,x",
      ],
      "trust-proxy": [
        "",
        "localhost",
        "10.0.0.0/33",
        "10.0.0.0/8/8",
        "10.0.0.0/",
        "::/129",
        "010.0.0.1",
        "1.2.3",
      ],
    };
    for (const [flag, values] of Object.entries(lists)) {
      for (const wrong of values)
        expect(errorOf([`--${flag}=${wrong}`])).toStartWith(`invalid --${flag} "${wrong}": use `);
    }
  });

  test("errors name the variable if the value comes from one", () => {
    for (const variable of ["MALTEN_PORT", "MALTEN_MAX_MEMORY", "MALTEN_TTL", "MALTEN_RATE_LIMIT"])
      expect(errorOf([], { [variable]: "nonsense" })).toStartWith(`invalid ${variable} "nonsense": use `);
    expect(errorOf(["--ttl", "x"], { MALTEN_TTL: "y" })).toStartWith('invalid --ttl "x": use ');
  });
});
