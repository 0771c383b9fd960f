import { randomUUID } from 'node:crypto'
import manifest from '../package.json' with { type: 'json' }
import { createAdmin } from './admin/create-admin.ts'
import { createStatus } from './admin/create-status.ts'
import { defaultAdminOptions, type AdminDeps } from './admin/deps.ts'
import { listPlugins } from './node/control-listings.ts'
import { serveControl } from './node/control-server.ts'
import { addressText, describeHealth, describeNode } from './node/describe-node.ts'
import { enabledOn } from './node/enabled-on.ts'
import { Gateway } from './node/gateway.ts'
import { listenHttp } from './node/listen-http.ts'
import { createErrorLog } from './node/log.ts'
import { Node } from './node/node.ts'
import { claimPrefix } from './node/prefix.ts'
import type { RunningGateway, StartOptions } from './node/running.ts'
import { reportStrays } from './node/strays.ts'
import { chooseTransport } from './node/transport.ts'
import { openLineLog } from './node/worker-parts.ts'
import type { Settings } from './settings/schema.ts'
import { openStore } from './store/open-store.ts'

/** Puts the gateway together: the one place that knows every part. What was started is ended again when a later part fails. */
export async function startGateway(
  settings: Settings,
  options: StartOptions,
): Promise<RunningGateway> {
  await using parts = new AsyncDisposableStack()
  const claim = parts.adopt(claimPrefix(settings.prefix), (held) => held.release())
  const errorLog = createErrorLog(settings)
  const { log } = errorLog
  reportStrays(log)
  const store = parts.adopt(await openStore({ kind: 'embedded', prefix: claim.prefix }), (open) =>
    open.close(),
  )
  const node = parts.adopt(
    await Node.start({ settings, cwd: process.cwd(), store, log }),
    (running) => running.stop(0),
  )
  const requestLog = parts.adopt(
    openLineLog('admin_access_log', settings.admin_access_log, log),
    (open) => open.close(),
  )
  const gateway = new Gateway({
    settings,
    errorLog,
    requestLog,
    node,
    reread: () => options.reread(),
  })
  const { version } = manifest
  const deps: AdminDeps = {
    entities: () => node.entities,
    write: (plan) => node.write(plan),
    context: { now: Date.now, uuid: randomUUID, plugins: node.plugins },
    log,
    options: {
      ...defaultAdminOptions,
      bodyLimit: settings.admin_body_limit,
      hosts: settings.admin_hosts,
      origins: settings.admin_gui_url,
    },
    logRequest: (line) => requestLog.write(line),
    info: () => ({ version, ...describeNode(node, gateway.settings) }),
    status: () => ({ ready: gateway.ready, ...describeHealth(node) }),
  }
  const status = parts.use(await listenHttp(settings.status_listen, () => createStatus(deps)))
  const admin = parts.use(await listenHttp(settings.admin_listen, () => createAdmin(deps)))
  parts.adopt(
    await serveControl(claim.prefix, {
      status: () => ({ ...deps.status(), version, report: gateway.report }),
      plugins: async () =>
        listPlugins(node.catalogue.all(), (name) => enabledOn(node.entities, name)),
      reload: () => gateway.reload(),
      stop: (how, timeoutMs) => void gateway.stop(how, timeoutMs),
    }),
    (control) => control.close(),
  )
  const report = {
    stream: node.addresses.map(addressText),
    admin: admin.addresses,
    status: status.addresses,
    transport: chooseTransport(settings.transport).name,
    workers: settings.worker_processes,
    database: settings.database,
    prefix: settings.prefix,
    plugins: node.catalogue.names(),
    warnings: [...options.warnings, ...node.warnings],
  }
  return gateway.open({ report, first: admin, all: parts.move() })
}
