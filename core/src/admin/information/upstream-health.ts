import type { EntitySet } from '../../entities/entity-set.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { present } from '../../entities/present.ts'
import type { Answer, Call, Endpoint, Parent } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { pageBody, pathBelow } from '../rows/list-page.ts'
import { locateChild, locateOrFail, notFound } from '../rows/locate.ts'
import { newestRows } from '../rows/newest-rows.ts'
import { healthOperation, markOperation } from '../openapi/health.ts'
import { readPage } from '../rows/query.ts'

const parent: Parent = { entity: 'upstreams', field: 'upstream' }

/** What the balancer knows of targets, and what an operator tells it. */
export const healthEndpoints: readonly Endpoint[] = [
  {
    path: '/upstreams/:parent/health',
    handlers: { GET: showHealth },
    about: { methods: { GET: healthOperation } },
  },
  ...['', '/:address'].flatMap((address) => [
    marking(`/upstreams/:parent/targets/:item${address}/healthy`, true),
    marking(`/upstreams/:parent/targets/:item${address}/unhealthy`, false),
    marking(`/upstreams/:parent/targets/:item${address}/automatic`, undefined),
  ]),
]

/** Kong serves PUT; its client in Go sends POST. */
function marking(path: string, healthy: boolean | undefined): Endpoint {
  const mark = (call: Call) => markTarget(call, healthy)
  const operation = markOperation(healthy)
  return {
    path,
    handlers: { POST: mark, PUT: mark },
    about: { methods: { POST: operation, PUT: operation } },
  }
}

async function showHealth(call: Call): Promise<Answer> {
  const { deps, query } = call
  const set = deps.entities()
  const upstream = upstreamOf(set, call)
  const targets = set.children('targets', 'upstream', upstream.id)
  const { node_id } = deps.info()
  if (query.get('balancer_health') === '1') {
    const data = await deps.health.ofUpstream(upstream, targets)
    return { status: 200, body: { data, next: null, node_id } }
  }
  const { rows, offset } = newestRows(targets, readPage(query))
  const states = await deps.health.ofTargets(upstream, rows)
  const data = rows.map((row, index) => ({
    ...present(set, deps.context, 'targets', row),
    ...states[index],
  }))
  const path = pathBelow(call, parent, 'health')
  return { status: 200, body: { ...pageBody(data, path, offset), node_id } }
}

async function markTarget(call: Call, healthy: boolean | undefined): Promise<Answer> {
  const { deps, params, author } = call
  const set = deps.entities()
  const upstream = upstreamOf(set, call)
  const target = targetOf(set, call)
  const { address } = params
  const marked = await deps.health.mark({ upstream, target, address, healthy, author })
  switch (marked) {
    case 'marked':
      return { status: 204 }
    case 'unchecked':
      throw new HttpError(400, `no healthchecker found for ${upstream.name}`)
    case 'unknown':
      throw new HttpError(400, `${target.target} has no address ${String(address)}`)
    case 'gone':
      throw notFound('targets', target.id)
  }
}

/** @throws HttpError 404 */
function upstreamOf(set: EntitySet, { params: { parent: text = '' } }: Call): Upstream {
  const upstream = set.get('upstreams', locateOrFail(set, 'upstreams', text).id)
  if (upstream === undefined) throw notFound('upstreams', text)
  return upstream
}

/** @throws HttpError 404 */
function targetOf(set: EntitySet, { params }: Call): TargetRow {
  const row = locateChild(set, 'targets', parent, params)
  const target = row && set.get('targets', row.id)
  if (target === undefined) throw notFound('targets', params['item'] ?? '')
  return target
}
