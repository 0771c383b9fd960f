/** Where a Redis is and how it is spoken to, in Kong's words; the time is in milliseconds. */
export interface RedisOptions {
  readonly host: string
  readonly port: number
  readonly timeout: number
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly database: number
  readonly ssl: boolean
  readonly ssl_verify: boolean
  readonly server_name?: string | undefined
}

/** One connection to a Redis. It never connects anew: once it has failed it is of no use. */
export interface RedisClient {
  /** Resolves once it is connected and logged in. */
  readonly ready: Promise<unknown>
  /** @throws (rejects) when Redis answers with an error, or the connection ends */
  send(command: string[]): Promise<unknown>
  /** Ends the connection at once, whatever it is about. */
  destroy(): void
}

/** Begins to connect. @param lost is called when the connection fails, with the reason */
export type OpenRedis = (options: RedisOptions, lost: (error: Error) => void) => RedisClient

/**
 * Loads the library that speaks to Redis: it weighs more than the rest of the plugin, so that only those pay who use it.
 * @param trusted PEM certificates that verify the server; undefined: the system's
 */
export async function loadRedis(trusted: readonly string[] | undefined): Promise<OpenRedis> {
  const { createClient } = await import('@redis/client')
  return (options, lost) => {
    const { username, password, database, timeout } = options
    const client = createClient({
      RESP: 2,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      database,
      disableOfflineQueue: true,
      disableClientInfo: true,
      socket: { ...wayTo(options, trusted), connectTimeout: timeout, reconnectStrategy: false },
    })
    client.on('error', lost)
    return {
      ready: client.connect(),
      send: (command) => client.sendCommand(command),
      destroy() {
        if (client.isOpen) client.destroy()
      },
    }
  }
}

function wayTo(
  { host, port, ssl, ssl_verify, server_name }: RedisOptions,
  trusted: readonly string[] | undefined,
) {
  if (!ssl) return { host, port }
  return {
    host,
    port,
    tls: true,
    rejectUnauthorized: ssl_verify,
    ...(server_name !== undefined && { servername: server_name }),
    ...(trusted && { ca: [...trusted] }),
  } as const
}
