import type { Endpoint } from './endpoint.ts'

/** `/endpoints`: every path that is served, this one too. */
export function pathList(served: readonly Endpoint[]): Endpoint {
  const path = '/endpoints'
  const data = listPaths([...served.map((endpoint) => endpoint.path), path])
  return { path, handlers: { GET: () => ({ status: 200, body: { data } }) } }
}

/** Paths as Kong lists them: `/services/{services}`, sorted segment by segment. */
export function listPaths(paths: readonly string[]): readonly string[] {
  const listed = paths.map((path) => withPlaceholders(path.split('/')))
  return listed.toSorted(bySegment).map((segments) => segments.join('/'))
}

function bySegment(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((segment, index) => segment !== b[index])
  if (at === -1) return a.length - b.length
  return (a[at] ?? '') < (b[at] ?? '') ? -1 : 1
}

/** What stands for a row is called by its collection. */
function withPlaceholders(segments: readonly string[]): readonly string[] {
  return segments.map((segment, index) => {
    if (!segment.startsWith(':')) return segment
    const row = segment === ':item' || segment === ':parent'
    return `{${row ? segments[index - 1] : segment.slice(1)}}`
  })
}
