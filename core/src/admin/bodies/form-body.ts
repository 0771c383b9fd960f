import { HttpError } from '../http-error.ts'
import { refuseKey } from './json-body.ts'

/** Kong's limit is of the same size; a form of an entity has a few dozen. */
export const maxArguments = 1000

/** A form, not yet typed: texts, lists and records. */
export type FormValue =
  | string
  | null
  | readonly FormValue[]
  | { readonly [name: string]: FormValue }

interface Node {
  readonly texts: string[]
  readonly names: Map<string, Node>
  readonly positions: Map<number, Node>
  /** `a[]=x` is a list though it stands alone. */
  list: boolean
}

/**
 * Reads a form body: `a.b=x` and `a[b]=x` nest, `a[]=x` and a repeated `a=x` append, `a[1]=x` sets a position.
 * @throws HttpError 400
 */
export function parseForm(
  bytes: Uint8Array,
  depthLimit: number,
): Readonly<Record<string, FormValue>> {
  const text = readText(bytes)
  if (text.split('&', maxArguments + 1).length > maxArguments) {
    throw new HttpError(400, 'Too many arguments')
  }
  return nestPairs(new URLSearchParams(text), depthLimit)
}

/** @throws HttpError 400 for dangerous keys and too many levels */
export function nestPairs(
  pairs: Iterable<readonly [string, string]>,
  depthLimit: number,
): Readonly<Record<string, FormValue>> {
  const root = node()
  for (const [key, value] of pairs) {
    // Counted before it is taken apart: a pattern that repeats a million times overflows the stack.
    if (key.split(/[.[]/, depthLimit + 1).length > depthLimit) {
      throw new HttpError(400, `the body is nested more than ${depthLimit} levels deep`)
    }
    stepsOf(key).reduce(enter, root).texts.push(value)
  }
  return Object.fromEntries([...root.names].map(([name, child]) => [name, valueOf(child)]))
}

/** `URLSearchParams` would put a replacement character for whatever is no UTF-8. */
function readText(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    decodeURIComponent(text.replaceAll(/%(?![\da-f]{2})/gi, '%25'))
    return text
  } catch (error) {
    throw new HttpError(400, 'Cannot parse form body', { cause: error })
  }
}

function node(): Node {
  return { texts: [], names: new Map(), positions: new Map(), list: false }
}

/** `sources[1].ip` is `sources`, 1, `ip`; a key that is not written so is one name. */
function stepsOf(key: string): readonly (string | number)[] {
  const [, first, rest = ''] = /^([^.[\]]+)((?:\.[^.[\]]+|\[[^[\]]*\])*)$/.exec(key) ?? []
  if (first === undefined) return [key]
  const steps = rest.match(/\.[^.[\]]+|\[[^\]]*\]/g) ?? []
  return [first, ...steps.map(stepOf)]
}

function stepOf(step: string): string | number {
  const name = step.startsWith('.') ? step.slice(1) : step.slice(1, -1)
  if (name === '') return 0
  return step.startsWith('[') && /^\d{1,9}$/.test(name) ? Number(name) : name
}

/** Position 0 is `[]`: the next one. */
function enter(parent: Node, step: string | number): Node {
  if (typeof step === 'number') {
    const position = step === 0 ? Math.max(0, ...parent.positions.keys()) + 1 : step
    parent.list = true
    return childAt(parent.positions, position)
  }
  refuseKey(step)
  return childAt(parent.names, step)
}

function childAt<K>(children: Map<K, Node>, key: K): Node {
  const known = children.get(key) ?? node()
  children.set(key, known)
  return known
}

function valueOf({ texts, names, positions, list }: Node): FormValue {
  if (names.size > 0) {
    return Object.fromEntries([...names].map(([name, inner]) => [name, valueOf(inner)]))
  }
  const placed = [...positions].toSorted(([a], [b]) => a - b).map(([, inner]) => valueOf(inner))
  const values = [...texts, ...placed]
  return list || values.length > 1 ? values : (values[0] ?? '')
}
