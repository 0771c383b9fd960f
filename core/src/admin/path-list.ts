import type { Endpoint } from './endpoint.ts'
import { entityAt } from './rows/entity-path.ts'
import { recordOf } from './openapi/schema.ts'

/** `/endpoints`: every path that is served, this one too. */
export function pathList(served: readonly Endpoint[]): Endpoint {
  const path = '/endpoints'
  const data = listPaths([...served.map((endpoint) => endpoint.path), path])
  return {
    path,
    handlers: { GET: () => ({ status: 200, body: { data } }) },
    about: {
      methods: {
        GET: {
          summary: 'Lists every path',
          answers: { 200: recordOf({ data: { type: 'array', items: { type: 'string' } } }) },
        },
      },
    },
  }
}

/** Paths as Kong lists them: `/services/{services}`, sorted segment by segment. */
export function listPaths(paths: readonly string[]): readonly string[] {
  const listed = paths.map((path) => shownPath(path).split('/'))
  return listed.toSorted(bySegment).map((segments) => segments.join('/'))
}

function bySegment(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((segment, index) => segment !== b[index])
  if (at === -1) return a.length - b.length
  return (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
}

/** `/services/:item` is shown as `/services/{services}`: what stands for a row is called by its collection. */
export function shownPath(path: string): string {
  const segments = path.split('/')
  const shown = segments.map((segment, index) => {
    if (!segment.startsWith(':')) return segment
    const row = segment === ':item' || segment === ':parent'
    const above = segments[index - 1] ?? ''
    return `{${row ? (entityAt(above) ?? above) : segment.slice(1)}}`
  })
  return shown.join('/')
}
