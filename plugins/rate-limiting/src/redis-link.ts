import type { Log } from '@kong-ts/pdk'
import { within } from './later.ts'
import type { Later } from './later.ts'
import { errorOf, Outage } from './outage.ts'
import type { OpenRedis, RedisClient, RedisOptions } from './redis-client.ts'
import type { Script } from './redis-scripts.ts'

/** Milliseconds between two attempts to reach a Redis that is away. */
const pause = 500

export interface LinkOptions {
  readonly redis: RedisOptions
  readonly log: Log
  readonly open: OpenRedis
  readonly later: Later
}

/**
 * A Redis that may be away. Once it is, nobody waits for it: it is tried again in the background until it answers.
 * That it went and that it came back is logged once each.
 */
export class RedisLink {
  readonly #options: LinkOptions
  readonly #outage: Outage
  #client: RedisClient | undefined
  /** Why it is away. */
  #failure: Error | undefined
  #callOff: (() => void) | undefined

  /** Begins to connect. */
  constructor(options: LinkOptions) {
    this.#options = options
    const { host, port } = options.redis
    this.#outage = new Outage('Redis', options.log, { host, port })
    this.#connect()
  }

  /** Asks a script for its verdict; otherwise as `run`. */
  ask(script: Script, keys: readonly string[], args: readonly string[]): Promise<boolean> {
    return this.run(script, keys, args, verdictOf)
  }

  /**
   * Runs a script. Before the first connection stands, it waits for that.
   * @param read what the answer says; it throws at one that the script would not give
   * @throws (rejects) when Redis is away, answers with anything else, or does not answer in time
   */
  async run<T>(
    script: Script,
    keys: readonly string[],
    args: readonly string[],
    read: (answer: unknown) => T,
  ): Promise<T> {
    const client = this.#client
    if (client === undefined || this.#failure) throw this.#failure ?? new Error('it is closed')
    const { redis, later } = this.#options
    try {
      const asking = client.ready.then(() => evaluate(client, script, keys, args))
      const answer = read(await within(redis.timeout, asking, later))
      this.#outage.worked()
      return answer
    } catch (error) {
      this.#lose(client, errorOf(error))
      throw error
    }
  }

  /** Ends the connection for good. */
  close(): void {
    this.#callOff?.()
    this.#client?.destroy()
    this.#client = undefined
  }

  #connect(): void {
    const { redis, open, later } = this.#options
    const client = open(redis, (error) => this.#lose(client, error))
    this.#client = client
    // A server may accept everybody and answer nobody.
    const greeting = client.ready.then(() => client.send(['PING']))
    within(redis.timeout, greeting, later).then(
      () => {
        if (this.#client === client) this.#failure = undefined
      },
      (error: unknown) => this.#lose(client, errorOf(error)),
    )
  }

  /** A connection that has failed once is not trusted again: its next answer may be to an earlier question. */
  #lose(client: RedisClient, error: Error): void {
    if (this.#client !== client) return
    this.#client = undefined
    this.#failure = error
    client.destroy()
    this.#outage.failed(error)
    this.#callOff = this.#options.later(pause, () => this.#connect())
  }
}

/** Redis knows a script by its hash, unless it has started since. */
async function evaluate(
  client: RedisClient,
  { sha, text }: Script,
  keys: readonly string[],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args]
  try {
    return await client.send(['EVALSHA', sha, ...rest])
  } catch (error) {
    if (!errorOf(error).message.startsWith('NOSCRIPT')) throw error
    return client.send(['EVAL', text, ...rest])
  }
}

function verdictOf(answer: unknown): boolean {
  if (answer !== 0 && answer !== 1) throw new Error('its answer is not that of the script')
  return answer === 1
}
