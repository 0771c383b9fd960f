import type { Metrics, Summary } from '@kong-ts/pdk'
import { nobodys, whoseLabels, whoseOf } from './whose.ts'

/** Counts sessions by how they ended. Like Kong it counts statuses of routed sessions only; endings of all. */
export function countStatuses(metrics: Metrics): (summary: Summary) => void {
  const sessions = metrics.counter({
    name: 'kong_stream_sessions_total',
    help: 'Sessions by their status, per service and route',
    labels: ['service', 'route', 'code', 'source', 'workspace'],
  })
  const endings = metrics.counter({
    name: 'kong_stream_endings_total',
    help: 'Sessions by their ending, per service and route; those without a route too',
    labels: ['ending', ...whoseLabels],
  })
  return ({ route, service, status, ending, target }) => {
    if (route === undefined) {
      endings.inc({ ending, ...nobodys })
      return
    }
    const { service: of, route: on, workspace } = whoseOf(route, service)
    // Without an upstream that answered, whatever the client met came from the gateway.
    const source = target === undefined ? 'kong' : 'service'
    sessions.inc({ service: of, route: on, code: status, source, workspace })
    endings.inc({ ending, service: of, route: on, workspace })
  }
}
