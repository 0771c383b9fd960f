import { entityKey } from '@kong-ts/pdk/host'
import type { FieldErrors } from '../errors/entity-error.ts'

/** Where something stands in a document: names, and positions that count from 1. */
export type Place = readonly (string | number)[]

type Fault = string | readonly string[] | FieldErrors
type Branch = Map<string | number, Fault | Branch>

/** Faults by their places; as JSON a list of which every key is a position is an array with null for what is right. */
export class FaultTree {
  readonly #root: Branch = new Map()

  get isEmpty(): boolean {
    return this.#root.size === 0
  }

  add(place: Place, fault: Fault): void {
    let parent: Branch = this.#root
    const path = [...place]
    const last = path.pop() ?? entityKey
    for (const step of path) parent = branchAt(parent, step)
    if (typeof fault === 'object' && !Array.isArray(fault)) {
      const whole = branchAt(parent, last)
      for (const [field, error] of Object.entries(fault)) put(whole, field, error)
    } else put(parent, last, fault)
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.#root].map(([key, fault]) => [String(key), jsonOf(fault)] as const),
    )
  }
}

/** What was said of a row as a whole stands beside what is said of its parts. */
function branchAt(parent: Branch, step: string | number): Branch {
  const there = parent.get(step)
  if (there instanceof Map) return there
  const branch: Branch = new Map()
  if (typeof there === 'string') branch.set(entityKey, [there])
  else if (Array.isArray(there)) branch.set(entityKey, there)
  else for (const [field, error] of Object.entries(there ?? {})) branch.set(field, error)
  parent.set(step, branch)
  return branch
}

function put(branch: Branch, key: string | number, fault: Fault): void {
  const there = branch.get(key)
  if (there === undefined) branch.set(key, fault)
  else if (there instanceof Map) there.set(entityKey, listed(fault))
  else if (Array.isArray(there) && Array.isArray(fault)) branch.set(key, [...there, ...fault])
}

function listed(fault: Fault): Fault {
  return typeof fault === 'string' ? [fault] : fault
}

function jsonOf(fault: Fault | Branch): unknown {
  if (!(fault instanceof Map)) return fault
  const positions = [...fault.keys()].filter((key) => typeof key === 'number')
  if (positions.length === fault.size) return listOf(fault, positions)
  return Object.fromEntries([...fault].map(([key, inner]) => [String(key), jsonOf(inner)]))
}

function listOf(branch: Branch, positions: readonly number[]): readonly unknown[] {
  const length = positions.reduce((most, position) => Math.max(most, position), 0)
  return Array.from({ length }, (_, index) => {
    const fault = branch.get(index + 1)
    return fault === undefined ? null : jsonOf(fault)
  })
}
