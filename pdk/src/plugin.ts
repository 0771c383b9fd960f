import type {
  Accepted,
  Balancing,
  ChosenTarget,
  Protocol,
  Proxying,
  Routed,
  Securing,
  Summary,
} from './contexts.ts'
import type { Kit } from './kit.ts'
import type { Infer, Input, ObjectSchema } from './schema/schema.ts'
import type { Rejection, TlsDecision } from './verdicts.ts'

export type Awaitable<T> = T | Promise<T>

/** What every phase gets beside its connection: the kit of the configured instance and what `setup` returned. */
export interface Instance<Config = unknown, State = unknown> extends Kit<Config> {
  readonly state: State
}

/** The six moments of a connection. A phase answers with a value; undefined means: go on. */
export interface Phases<Config = unknown, State = unknown> {
  /** Global instances only: nothing is routed yet. */
  accept?(conn: Accepted, self: Instance<Config, State>): Awaitable<Rejection | void>
  /** The route is known; the client's first bytes can be looked at. */
  preread?(conn: Routed, self: Instance<Config, State>): Awaitable<Rejection | void>
  /** TLS connections only: terminate or pass through. The first answer decides. */
  tls?(conn: Securing, self: Instance<Config, State>): Awaitable<TlsDecision | void>
  /** Choose the target; asked again, with the failed target gone, after a failed connect. */
  balance?(
    conn: Balancing,
    self: Instance<Config, State>,
  ): Awaitable<ChosenTarget | Rejection | void>
  /** The upstream is connected: observe, transform or throttle the bytes. */
  proxy?(conn: Proxying, self: Instance<Config, State>): Awaitable<void>
  /** It ended. */
  log?(summary: Summary, self: Instance<Config, State>): Awaitable<void>
}

export type PhaseName = keyof Phases

/** The names of the phases, in the order of a connection's life. */
export const phaseNames = [
  'accept',
  'preread',
  'tls',
  'balance',
  'proxy',
  'log',
] as const satisfies readonly PhaseName[]

/** The version of this contract; a gateway refuses a plugin made for another one. */
export const apiVersion = 1

/** The layer-4 protocols a plugin can be enabled for. */
export const protocols = ['tcp', 'tls', 'tls_passthrough'] as const satisfies readonly Protocol[]

/** A plugin as the gateway loads it. Made by `definePlugin`. */
export interface Plugin<Config = unknown, State = unknown, In = unknown> {
  readonly apiVersion: 1
  readonly name: string
  /** Semantic version. */
  readonly version: string
  /** Higher runs earlier; see the table in the README. */
  readonly priority: number
  /** What the plugin can run on; the default of the `protocols` of its instances. */
  readonly protocols: readonly Protocol[]
  /** One line for `kong-ts plugins list`. */
  readonly description: string
  /** JSON Schema; closed: unknown keys are errors. */
  readonly schema: ObjectSchema
  readonly phases: Phases<Config, State>
  /** What the schema cannot say: answers with what is wrong, or with nothing. Pure; runs wherever a configuration is checked. */
  check?(config: Config): string | undefined
  /** Once per configured instance and worker, before its first connection. A throw vetoes the configuration. */
  setup?(kit: Kit<Config>): Awaitable<State>
  /** Once, after the last connection that used the instance. */
  teardown?(state: State): Awaitable<void>
  /** Phantom: what an operator may write. */
  readonly '~input'?: In
}

/** What an author writes. `setup` stands above `phases`, so that the state's type is known there. */
export interface Definition<S extends ObjectSchema, State> {
  readonly name: string
  readonly version: string
  readonly priority: number
  readonly protocols?: readonly Protocol[]
  readonly description?: string
  readonly schema: S
  check?(config: Infer<S>): string | undefined
  setup?(kit: Kit<Infer<S>>): Awaitable<State>
  readonly phases: Phases<Infer<S>, State>
  teardown?(state: State): Awaitable<void>
}

/** Declares a plugin; the type of its configuration is inferred from the schema. */
export function definePlugin<const S extends ObjectSchema, State = undefined>(
  definition: Definition<S, State>,
): Plugin<Infer<S>, State, Input<S>> {
  return { apiVersion, protocols, description: '', ...definition }
}
