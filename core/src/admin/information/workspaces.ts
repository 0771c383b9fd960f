import { messageSchema, reads } from '../about.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { pageOf, pageQuery } from '../openapi/page.ts'
import { recordOf } from '../openapi/schema.ts'
import { readPage, readTags } from '../rows/query.ts'

/** The one workspace there is, under the id that it has in every Kong. */
const workspace = {
  id: '0dc6f45b-8f8d-40d2-a504-473544ee190b',
  name: 'default',
  comment: null,
  config: {},
  meta: {},
  // Seconds since the epoch. It was not stored: it came with the process, as what is read from a file does in Kong.
  created_at: Math.floor(performance.timeOrigin / 1000),
  updated_at: Math.floor(performance.timeOrigin / 1000),
}

const workspaceSchema = recordOf({
  id: { type: 'string', format: 'uuid' },
  name: { type: 'string' },
  comment: { type: ['string', 'null'] },
  config: { type: 'object' },
  meta: { type: 'object' },
  created_at: { type: 'integer' },
  updated_at: { type: 'integer' },
})

/** What clients look for before they do anything else, and what nobody can change here. */
export const workspaceEndpoints: readonly Endpoint[] = [
  {
    path: '/workspaces',
    handlers: { GET: (call) => wholeList(call, [workspace]) },
    about: reads('Lists the one workspace', { 200: pageOf(workspaceSchema) }, pageQuery),
  },
  {
    path: '/workspaces/:workspaces',
    handlers: { GET: showWorkspace },
    about: reads('The one workspace', { 200: workspaceSchema, 404: messageSchema }),
  },
  {
    path: '/consumer_groups',
    handlers: { GET: (call) => wholeList(call, []) },
    about: reads('Lists nothing', { 200: pageOf({ type: 'object' }) }, pageQuery),
  },
  {
    path: '/consumer_groups/:consumer_groups',
    handlers: { GET: missing },
    about: reads('There is none', { 404: messageSchema }),
  },
]

/**
 * Clients that are told of a workspace put its name before every path, and look for `/` at `/{workspace}/kong`.
 * @returns the path and query without the name of the one workspace
 */
export function withoutWorkspace(url: string): string {
  const prefix = `/${workspace.name}/`
  if (!url.startsWith(prefix)) return url
  return url.slice(prefix.length - 1).replace(/^\/kong\/?(?=\?|$)/, '/')
}

function showWorkspace({ params: { workspaces: text = '' } }: Call): Answer {
  if (text !== workspace.name && text !== workspace.id) return missing()
  return { status: 200, body: workspace }
}

/** A list of one page; an offset names something after its last row. @throws EntityError 7, 9, 11 */
function wholeList({ query }: Call, rows: readonly unknown[]): Answer {
  const { after } = readPage(query)
  const tags = readTags(query)
  const data = after === undefined && tags === undefined ? rows : []
  return { status: 200, body: { data, next: null } }
}

function missing(): never {
  throw new HttpError(404, 'Not found')
}
