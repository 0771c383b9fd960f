import type { ObjectSchema, Schema } from '@kong-ts/pdk'
import type { FieldErrors } from '../errors/entity-error.ts'
import type { PlanContext } from './context.ts'
import type { Fields } from './fields.ts'
import type { EntityName, Rows } from './rows.ts'

/** What a definition's functions may look up. */
export interface World {
  readonly context: PlanContext
  readonly set: {
    get<E extends EntityName>(entity: E, id: string): Rows[E] | undefined
    /** The rows whose reference `field` names `id`. */
    children<E extends EntityName>(entity: E, field: string, id: string): readonly Rows[E][]
  }
}

/** One value per key. `nulls: 'equal'` counts null as a value; otherwise a key with a null is never a duplicate. */
export interface UniqueKey {
  readonly fields: readonly [string, ...string[]]
  readonly nulls: 'distinct' | 'equal'
}

export interface ReferenceRule {
  /** The collection referred to; it need not be one that this gateway keeps. */
  readonly entity: string
  readonly onDelete: 'cascade' | 'restrict'
  /** The field is an array of ids; existence is not checked on write, as in Kong. */
  readonly many?: true
  /** What is served under `/{entity}/{id}/{this collection}`. */
  readonly nested: 'full' | 'list' | 'none'
  /** Serve the referred entity under `/{this collection}/{id}/{field}`. */
  readonly upward?: true
}

/** A rule over several fields; it runs when none of them is at fault, and on PATCH when one of them changed. */
export interface Check {
  readonly on: readonly [string, ...string[]]
  readonly fault: (row: Fields, world: World) => FieldErrors | undefined
  /** The rule as Kong's schemas state it, where they have a word for it: `{ conditional: … }`. */
  readonly rule?: Fields
}

/** A list of keys of another collection that is written and served as a field of this one. */
export interface OwnedList {
  readonly field: string
  readonly entity: EntityName
  /** The endpoint key of that collection. */
  readonly key: string
  /** The field of that collection which refers to this one. */
  readonly reference: string
  /** What a URL says when it names this entity by an unknown key of that collection. */
  readonly unknown: string
}

export type Refined =
  | { readonly ok: true; readonly row: Fields }
  | { readonly ok: false; readonly errors: FieldErrors }

/** Everything there is to know of an entity: data, and pure functions with Kong's words. */
export interface Definition {
  readonly name: EntityName
  /** The segment of its URLs, where it is not the name. */
  readonly path?: string
  readonly schema: ObjectSchema
  /** The field that names the entity in a URL beside its id. */
  readonly key?: string
  readonly unique: readonly UniqueKey[]
  readonly references: Readonly<Record<string, ReferenceRule>>
  readonly owned?: OwnedList
  /**
   * The reference to what it is a part of: it is served below that only, found there by its key, and PUT changes it
   * but never creates it.
   */
  readonly partOf?: string
  /** How a key is stored, when a URL may write it in other ways. */
  readonly canonicalKey?: (text: string) => string
  /**
   * Expands shorthands and defaults that depend on other fields, before the fields are checked.
   * `written` is what the client sent: with PATCH it is less than `body`.
   */
  readonly expand?: (body: Fields, world: World, written: Fields) => Fields
  /** Completes a row whose fields are right. */
  readonly refine?: (row: Fields, world: World) => Refined
  readonly checks: readonly Check[]
  /** A stored row as it is served. */
  readonly serve?: (row: Fields, context: PlanContext) => Fields
  /**
   * The fields that a row carries from one write of it to the next beside what is written: they come and go in ways
   * of their own, and `serve` leaves them out.
   */
  readonly carried?: readonly string[]
  /** What may be written instead of fields, and is never served: `expand` takes it apart. */
  readonly shorthands?: Readonly<Record<string, Schema>>
  /** What `config` holds, by what `name` can be. */
  readonly kinds?: (context: PlanContext) => Readonly<Record<string, ObjectSchema>>
  /** What is wrong with a `name` that is none of the kinds: without a kind nothing else is checked. */
  readonly faultOfKind?: (name: string, context: PlanContext) => string | undefined
  /** The required fields without a default that `expand` fills in when they are not written. */
  readonly given?: readonly string[]
  /** What Kong's schemas say of a field beyond what can be told from `schema`. */
  readonly attributes?: Readonly<Record<string, Fields>>
  /** The fields as a form can fill them, where they depend on the entity itself. */
  readonly formShape?: (body: Fields, context: PlanContext) => Readonly<Record<string, Schema>>
}
