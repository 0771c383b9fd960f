const milliseconds = { type: 'integer', minimum: 0, maximum: 2_147_483_646 } as const

/** Of a plugin that sends to a server; spread those that it needs among its `properties`. */
export const serverFields = {
  host: { type: 'string', format: 'host', description: 'the server' },
  port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'its port' },
  timeout: {
    ...milliseconds,
    default: 10_000,
    description:
      'milliseconds for reaching the server, and then without progress; 0 waits without end',
  },
  keepalive: {
    ...milliseconds,
    default: 60_000,
    description: 'milliseconds after which an idle connection is closed; 0 keeps it',
  },
} as const
