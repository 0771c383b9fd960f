import type { IncomingHttpHeaders } from 'node:http'
import type { EntityName } from '../entities/rows.ts'
import type { Body } from './bodies/body.ts'
import type { AdminDeps } from './deps.ts'
import type { JsonSchema } from './openapi/schema.ts'

export const methods = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'] as const

export type Method = (typeof methods)[number]

/** One request, read. */
export interface Call {
  /** Who asks, as the record of revisions has it. */
  readonly author: string
  readonly deps: AdminDeps
  /** The decoded segments of the path that stand for something. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Body
  /** The body as it came, of an endpoint that reads it by itself. */
  readonly raw?: RawBody | undefined
}

export interface RawBody {
  /** The header `Content-Type`; empty where there is none. */
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type Handler = (call: Call) => Answer | Promise<Answer>

/** The collection in whose URL a resource is served, and the field that refers to it. */
export interface Parent {
  readonly entity: EntityName
  readonly field: string
}

/** A path and what can be done there. HEAD follows from GET; OPTIONS is always answered. */
export interface Endpoint {
  /** `:name` stands for one segment. */
  readonly path: string
  readonly handlers: Readonly<Partial<Record<Method, Handler>>>
  /** It reads its body by itself, of whatever type it is. */
  readonly raw?: true
  /** What `/openapi.json` says of it beyond its path and its methods. */
  readonly about?: About
}

export interface About {
  /** The rows that are served, one of them or a page, and what they are below. */
  readonly rows?: {
    readonly entity: EntityName
    readonly one: boolean
    readonly parent?: Parent | undefined
  }
  readonly methods?: Readonly<Partial<Record<Method, Operation>>>
}

/** What a method does. What is left out is told from the method and the path. */
export interface Operation {
  /** In a few words. */
  readonly summary: string
  /** What it reads of the query: a JSON Schema for each parameter. */
  readonly query?: Readonly<Record<string, JsonSchema>>
  /** What is sent: a JSON Schema for each media type. */
  readonly body?: Readonly<Record<string, JsonSchema>>
  /** Its own answers by their status: a JSON Schema, or null where there is no body. */
  readonly answers?: Readonly<Record<number, JsonSchema | null>>
}

/** The methods of an endpoint as the header `Allow` lists them. */
export function allowed({ handlers }: Endpoint): readonly string[] {
  const own = methods.filter((method) => handlers[method] !== undefined)
  return [...own, ...(handlers.GET ? ['HEAD'] : []), 'OPTIONS'].toSorted()
}
