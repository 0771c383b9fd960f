import type { Call, Endpoint } from './endpoint.ts'

/** What the node says of itself. */
export const informationEndpoints: readonly Endpoint[] = [
  { path: '/', handlers: { GET: (call) => ({ status: 200, body: describeNode(call) }) } },
  {
    path: '/robots.txt',
    handlers: { GET: () => ({ status: 200, body: 'User-agent: *\nDisallow: /' }) },
  },
  { path: '/status', handlers: { GET: describeStatus } },
  {
    path: '/plugins/enabled',
    handlers: {
      GET: ({ deps }) => ({
        status: 200,
        body: { enabled_plugins: deps.context.plugins.names() },
      }),
    },
  },
]

function describeNode({ deps }: Call): Record<string, unknown> {
  const { plugins, ...info } = deps.info()
  const rows = deps.entities().list('plugins', { size: Infinity }).rows
  return {
    tagline: 'Welcome to kong',
    edition: 'community',
    ...info,
    plugins: {
      available_on_server: plugins,
      enabled_in_cluster: [...new Set(rows.map(({ name }) => name))].toSorted(),
    },
  }
}

/** 503 until the listeners take traffic, so that a start script can wait for it. */
function describeStatus({ deps }: Call) {
  const { ready, ...body } = deps.status()
  return { status: ready ? 200 : 503, body }
}
