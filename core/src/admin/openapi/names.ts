import type { Method } from '../endpoint.ts'

/** `ca_certificates` is `CaCertificate`: how one row of a collection is called. */
export function componentName(collection: string): string {
  return pascal(singular(collection))
}

/** What an operation does, in the word that stands before what it does it to. */
const verbs: Readonly<Record<Method | 'HEAD' | 'OPTIONS', string>> = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
  HEAD: 'head',
  OPTIONS: 'options',
}

/**
 * A name that depends on the method and the path alone, so that clients that were made from the document go on
 * compiling: `PUT /services/{services}/routes/{routes}` is `putServiceRoute`.
 */
export function operationId(method: Method | 'HEAD' | 'OPTIONS', path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  const words = segments.map((segment, index) => wordOf(segment, segments, index))
  return `${verbs[method]}${words.join('') || 'Root'}`
}

function wordOf(segment: string, segments: readonly string[], index: number): string {
  if (!isPlaceholder(segment)) {
    return pascal(isPlaceholder(segments[index + 1] ?? '') ? singular(segment) : segment)
  }
  const before = segments[index - 1] ?? ''
  const said = !isPlaceholder(before) && singular(before) !== before
  return said ? '' : `By${pascal(segment.slice(1, -1))}`
}

function isPlaceholder(segment: string): boolean {
  return segment.startsWith('{')
}

function singular(word: string): string {
  return word.replace(/(?<!s)s$/, '')
}

function pascal(word: string): string {
  return word
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('')
}
