import { deserialize, serialize } from 'node:v8'
import type { Clock, Once } from '@kong-ts/pdk'
import { messageOf } from '../../errors/message-of.ts'
import type { OnceToSupervisor, OnceToWorker } from './messages.ts'
import { OnceTopic, type Caller } from './once-topic.ts'
import { realTiming, type Timing } from './timing.ts'

/** Milliseconds that a result may take: who waits for one that never comes would wait for ever. */
const longest = 300_000

interface Scope {
  /** Of the instances that are alive: with the same configuration one may live on beside its successor. */
  readonly instances: Set<AbortSignal>
  readonly topics: Map<string, OnceTopic>
}

type Produce = (signal: AbortSignal) => Promise<unknown>

/** A worker's end of `once`: it asks the supervisor for results, and produces one when it is its turn. */
export class OnceEnd {
  readonly #send: (message: OnceToSupervisor) => void
  readonly #clock: Clock
  readonly #timing: Timing
  readonly #scopes = new Map<string, Scope>()
  #connected = true

  constructor(
    send: (message: OnceToSupervisor) => void,
    clock: Clock,
    timing: Timing = realTiming,
  ) {
    this.#send = send
    this.#clock = clock
    this.#timing = timing
  }

  /**
   * For one instance.
   * @param scope what its results are kept under; the same in every worker, and another for another configuration
   * @param signal aborted when it is torn down
   */
  of(scope: () => string, signal: AbortSignal): Once {
    let entered: string | undefined
    const ask = (name: string, produce: Produce, maxAge: number | undefined): Promise<unknown> => {
      const fault = this.#faultIn(signal, maxAge)
      if (fault) return Promise.reject(fault)
      entered ??= this.#enter(scope(), signal)
      return this.#ask(entered, name, { produce, signal, maxAge: maxAge ?? Infinity })
    }
    return (name, produce, { maxAge } = {}) => trust(ask(name, produce, maxAge))
  }

  receive(message: OnceToWorker): void {
    const topic = this.#scopes.get(message.scope)?.topics.get(message.name)
    switch (message.type) {
      case 'once.turn':
        return this.#takeTurn(topic, message)
      case 'once.result':
        return topic?.succeed({ value: deserialize(message.bytes), at: message.at })
      case 'once.failure':
        return topic?.fail(message.turn, message.message)
    }
  }

  /** The supervisor is gone. */
  disconnect(): void {
    this.#connected = false
    for (const { topics } of this.#scopes.values()) {
      for (const topic of topics.values()) topic.reject(new Error(stopping))
    }
  }

  #faultIn(signal: AbortSignal, maxAge: number | undefined): Error | undefined {
    if (signal.aborted) return new Error('the instance is torn down: nothing is produced any more')
    if (!this.#connected) return new Error(stopping)
    if (maxAge === undefined || maxAge >= 0) return undefined
    return new TypeError(`maxAge is a time in milliseconds, not ${String(maxAge)}`)
  }

  #enter(id: string, signal: AbortSignal): string {
    const scope = this.#scopes.get(id) ?? { instances: new Set(), topics: new Map() }
    this.#scopes.set(id, scope)
    scope.instances.add(signal)
    signal.addEventListener('abort', () => this.#leave(id, scope, signal), { once: true })
    return id
  }

  #leave(id: string, { instances, topics }: Scope, signal: AbortSignal): void {
    for (const topic of topics.values()) topic.leave(signal)
    instances.delete(signal)
    if (instances.size > 0) return
    this.#scopes.delete(id)
    this.#send({ type: 'once.leave', scope: id })
  }

  #ask(scope: string, name: string, wish: Omit<Caller, 'resolve' | 'reject' | 'since'>) {
    const topics = this.#scopes.get(scope)?.topics ?? new Map<string, OnceTopic>()
    const topic = topics.get(name) ?? new OnceTopic({ scope, name }, this.#send, this.#clock)
    topics.set(name, topic)
    return topic.ask(wish)
  }

  #takeTurn(
    topic: OnceTopic | undefined,
    { scope, name, turn }: Extract<OnceToWorker, { type: 'once.turn' }>,
  ): void {
    const caller = topic?.take(turn)
    if (topic && caller) void this.#produce(topic, caller, turn)
    else this.#send({ type: 'once.pass', scope, name, turn })
  }

  async #produce(topic: OnceTopic, { produce, signal }: Caller, turn: number): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const patience = new AbortController()
    const endPatience = this.#timing.later(longest, () => {
      const why = new Error(`was not produced within ${longest} ms`)
      patience.abort(why)
      reject(why)
    })
    try {
      const life = AbortSignal.any([signal, patience.signal])
      const value = await Promise.race([(async () => produce(life))(), late])
      topic.made(turn, serialize(value))
    } catch (error) {
      topic.failed(turn, error instanceof Error ? error : new Error(messageOf(error)))
    } finally {
      endPatience()
    }
  }
}

const stopping = 'the gateway is stopping: nothing is produced any more'

/** One name stands for one kind of result; only its author knows which. */
function trust<T>(result: Promise<unknown>): Promise<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return result as Promise<T>
}
