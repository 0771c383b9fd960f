import type { EntityName } from '../entities/rows.ts'
import type { Body } from './body.ts'
import type { AdminDeps } from './deps.ts'

export const methods = ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'] as const

export type Method = (typeof methods)[number]

/** One request, read. */
export interface Call {
  readonly deps: AdminDeps
  /** The decoded segments of the path that stand for something. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Body
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
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
}

/** The methods of an endpoint as the header `Allow` lists them. */
export function allowed({ handlers }: Endpoint): readonly string[] {
  const own = methods.filter((method) => handlers[method] !== undefined)
  return [...own, ...(handlers.GET ? ['HEAD'] : []), 'OPTIONS'].toSorted()
}
