/**
 * The JSON Schema vocabulary of a plugin's configuration, and the types it means.
 *
 * The schema literal is the one source: the gateway validates with it, the Admin API renders it and the
 * compiler infers the plugin's `config` from it. No interface is written twice.
 */
export interface Schema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null'
  readonly enum?: readonly (string | number | boolean | null)[]
  readonly const?: string | number | boolean | null
  readonly default?: unknown
  readonly description?: string
  /** A secret: it is not shown where changes of the configuration are. */
  readonly writeOnly?: boolean
  /** A named check on a string: see `formats` in formats.ts. */
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly maxProperties?: number
  /** What every key has to be. */
  readonly propertyNames?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly not?: Schema
  readonly if?: Schema
  readonly then?: Schema
  readonly else?: Schema
}

/** A plugin's configuration is always an object; unknown keys are errors. */
export interface ObjectSchema extends Schema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, Schema>>
}

/** What a phase sees: complete, defaults filled in. */
export type Infer<S> = Schema extends S ? unknown : Value<S, 'out'>

/** What an operator may write: keys with a default, and optional keys, may be left out. */
export type Input<S> = Schema extends S ? unknown : Value<S, 'in'>

type Side = 'in' | 'out'

type Value<S, D extends Side> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { const: infer C }
    ? C
    : S extends { type: 'string' }
      ? string
      : S extends { type: 'integer' | 'number' }
        ? number
        : S extends { type: 'boolean' }
          ? boolean
          : S extends { type: 'null' }
            ? null
            : S extends { type: 'array'; items: infer I }
              ? readonly Value<I, D>[]
              : S extends { type: 'object'; properties: infer P }
                ? Fields<P, RequiredKeys<S>, D>
                : S extends { type: 'object'; additionalProperties: infer A }
                  ? Readonly<Record<string, Value<A, D>>>
                  : unknown

type RequiredKeys<S> = S extends { required: readonly (infer R)[] } ? R : never

type Defaulted<P> = { [K in keyof P]: P[K] extends { default: unknown } ? K : never }[keyof P]

type Present<P, R, D extends Side> = D extends 'out'
  ? Extract<keyof P, R> | Defaulted<P>
  : Exclude<Extract<keyof P, R>, Defaulted<P>>

type Fields<P, R, D extends Side> = Flatten<
  { readonly [K in Present<P, R, D>]: Value<P[K], D> } & {
    readonly [K in Exclude<keyof P, Present<P, R, D>>]?: Value<P[K], D>
  }
>

type Flatten<T> = { [K in keyof T]: T[K] }
