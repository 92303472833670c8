import { z } from 'zod'
import { isOrigin, list, webUrl, whole } from './readers.ts'

/** One setting: how its text is read, and what people are told about it. */
export interface Setting {
  /** From the environment's text to the value. */
  read: z.ZodType<unknown, string>
  /** Completes "NAME is not …". */
  is: string
  /** One sentence for the reference. */
  about: string
  example: string
  /** Text used where nothing is set; without it the setting is optional. */
  fallback?: string
  /** Another setting that this one is of no use without. */
  with?: string
  /** Holds a password: never shown, not even in a complaint. */
  secret?: true
}

/** Every setting there is, in the order of the reference. */
export const settings = {
  PORT: {
    read: whole(0, 65_535),
    is: 'a port number (0 to 65535)',
    about: 'TCP port of the API; 0 takes any free one.',
    example: '8000',
    fallback: '8000',
  },
  HOST: {
    read: z.string().regex(/^[\w.:-]+$/),
    is: 'an address or a host name',
    about: 'Address to listen on. The default is reached from this machine alone; containers set 0.0.0.0.',
    example: '0.0.0.0',
    fallback: '127.0.0.1',
  },
  DATA_DIR: {
    read: z.string(),
    is: 'a path',
    about: 'Directory of the embedded parts, made if missing; one process at a time.',
    example: '/var/lib/trefoil',
    fallback: '.data',
  },

  KAFKA_BROKERS: {
    read: list(z.string().regex(/^[\w.-]+:\d{1,5}$/)),
    is: 'a list of host:port, separated by commas',
    about: 'Kafka instead of the embedded log.',
    example: 'kafka-1:9092,kafka-2:9092',
  },
  TOPIC_PREFIX: {
    read: z.string().regex(/^[\w.-]*$/),
    is: 'made of letters, digits, dots, dashes and underscores',
    about: 'Put before the names of topics and consumer groups, so that several installations share a Kafka.',
    example: 'staging.',
    fallback: '',
  },
  KAFKA_REPLICATION: {
    read: whole(1, 32_767),
    is: 'a whole number from 1',
    about: "Replicas of each topic when it is made; by default the broker's own choice.",
    example: '3',
  },
  KAFKA_TLS: {
    read: z.stringbool(),
    is: 'true or false',
    about: 'Reaches Kafka over TLS.',
    example: 'true',
    fallback: 'false',
  },
  KAFKA_CA: {
    read: z.string().regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/),
    is: 'a certificate in PEM',
    about:
      'Whom TLS to Kafka trusts instead of the well-known authorities: certificates in PEM, mostly from a file (`KAFKA_CA_FILE`).',
    example: '-----BEGIN CERTIFICATE-----MIIC…-----END CERTIFICATE-----',
    with: 'KAFKA_TLS',
  },
  KAFKA_USERNAME: {
    read: z.string(),
    is: 'a name',
    about: 'Username for Kafka (SASL).',
    example: 'trefoil',
    with: 'KAFKA_PASSWORD',
  },
  KAFKA_PASSWORD: {
    read: z.string(),
    is: 'a password',
    about: 'Password for Kafka (SASL).',
    example: 'secret',
    with: 'KAFKA_USERNAME',
    secret: true,
  },
  KAFKA_SASL: {
    read: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    is: 'one of plain, scram-sha-256, scram-sha-512',
    about: 'How the password is proved; `plain` sends it, so let it go over TLS.',
    example: 'scram-sha-512',
    fallback: 'plain',
  },
  REDIS_URL: {
    read: z.string().regex(/^rediss?:\/\/\S+$/),
    is: 'a URL that begins redis:// or rediss://',
    about: 'Redis instead of the in-memory cache and bus. A service started alone runs uncached without it.',
    example: 'redis://redis:6379/0',
    secret: true,
  },
  REDIS_PREFIX: {
    read: z.string().regex(/^[\w.:-]*$/),
    is: 'made of letters, digits, dots, colons, dashes and underscores',
    about: 'Put before keys and channels, so that several installations share a Redis.',
    example: 'staging:',
    fallback: '',
  },
  DATABASE_URL: {
    read: z.string().regex(/^postgres(ql)?:\/\/\S+$/),
    is: 'a URL that begins postgres://',
    about: 'Postgres instead of the embedded database.',
    example: 'postgres://trefoil:secret@postgres:5432/trefoil',
    secret: true,
  },
  MONGO_URL: {
    read: z.string().regex(/^mongodb(\+srv)?:\/\/\S+$/),
    is: 'a URL that begins mongodb://',
    about: 'MongoDB for tasks and documents, which are served from SQL without it.',
    example: 'mongodb://mongo:27017/trefoil',
    secret: true,
  },
  PROJECTS_URL: {
    read: webUrl(),
    is: 'a URL that begins http:// or https://',
    about: 'Where a service that is started alone finds the projects service.',
    example: 'http://projects:8000',
  },
  USERS_URL: {
    read: webUrl(),
    is: 'a URL that begins http:// or https://',
    about: 'Where a service that is started alone finds the users service.',
    example: 'http://users:8000',
  },

  ADMIN_USERNAME: {
    read: z.string().min(1).max(64),
    is: 'a name of 1 to 64 characters',
    about: 'Username of the first administrator; used at the first start only, and checked at each.',
    example: 'admin',
    fallback: 'admin',
  },
  ADMIN_PASSWORD: {
    read: z.string().min(12).max(128),
    is: 'a password of 12 to 128 characters',
    about:
      "The first administrator's password; used at the first start only, and checked at each. Without it, one is generated and printed.",
    example: 'correct horse battery staple',
    secret: true,
  },
  DEMO_DATA: {
    read: z.stringbool(),
    is: 'true or false',
    about:
      'Puts demo data into a new installation, which its first start decides, for good once somebody is there; true by default while every part is embedded.',
    example: 'false',
  },

  ISSUER: {
    read: z.string(),
    is: 'a text',
    about: 'Issuer (`iss`) of access tokens.',
    example: 'https://trefoil.example.com',
    fallback: 'trefoil',
  },
  AUDIENCE: {
    read: z.string(),
    is: 'a text',
    about: 'Audience (`aud`) of access tokens.',
    example: 'https://api.trefoil.example.com',
    fallback: 'trefoil',
  },
  CORS_ORIGINS: {
    read: list(z.string().refine(isOrigin)),
    is: 'a list of origins (https://host, no path, no trailing slash), separated by commas',
    about: 'Origins of web pages that may call the API from a browser, matched exactly.',
    example: 'https://app.example.com',
    fallback: '',
  },
  TRUST_PROXY: {
    read: whole(0, 10),
    is: 'a whole number from 0 to 10',
    about: 'Proxies before the server, each adding an address to X-Forwarded-For; with 0 that header is not believed.',
    example: '1',
    fallback: '0',
  },
  RATE_LIMIT: {
    read: whole(1, 1_000_000),
    is: 'a whole number from 1',
    about: 'Calls a minute for each user or, without a token, each address; unlimited by default.',
    example: '600',
  },

  LOG_LEVEL: {
    read: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    is: 'one of trace, debug, info, warn, error, fatal, silent',
    about: 'The least severe level that is logged.',
    example: 'debug',
    fallback: 'info',
  },
  START_DEADLINE: {
    read: whole(1, 3600),
    is: 'a number of seconds (1 to 3600)',
    about: 'Seconds that a start waits for the parts it needs.',
    example: '120',
    fallback: '60',
  },
  DRAIN_SECONDS: {
    read: whole(0, 300),
    is: 'a number of seconds (0 to 300)',
    about:
      'Seconds that a stopping service goes on serving, not ready any more, before it stops listening: what a load balancer needs to notice.',
    example: '10',
    fallback: '0',
  },
  SHUTDOWN_DEADLINE: {
    read: whole(1, 3600),
    is: 'a number of seconds (1 to 3600)',
    about: 'Seconds that a stop waits for running requests; a request takes 20 at most.',
    example: '10',
    fallback: '25',
  },
} as const satisfies Record<string, Setting>
