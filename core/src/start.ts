import manifest from '../package.json' with { type: 'json' }
import { createAdmin } from './admin/create-admin.ts'
import { createStatus } from './admin/create-status.ts'
import { defaultAdminOptions, type AdminDeps } from './admin/deps.ts'
import { createNames } from './balancing/create-names.ts'
import { listPlugins } from './node/control/control-listings.ts'
import { serveControl } from './node/control/control-server.ts'
import { controlledConfiguration } from './node/configuration/controlled-configuration.ts'
import { withHash } from './node/configuration/declarative-config.ts'
import { addressText, describeHealth, describeNode } from './node/description/describe-node.ts'
import { describeTimers } from './node/description/describe-timers.ts'
import { enabledOn } from './node/enabled-on.ts'
import { Gateway } from './node/gateway.ts'
import { OperatorHealth } from './node/health/operator-health.ts'
import { adminTls, statusTls } from './node/http-tls.ts'
import { listenHttp } from './node/listen-http.ts'
import { createErrorLog } from './node/logs/log.ts'
import { LogLevel } from './node/logs/log-level.ts'
import { MetricsPage } from './node/metrics/metrics-page.ts'
import { Node } from './node/node.ts'
import { claimPrefix } from './node/prefix.ts'
import { openConfiguration, planContext } from './node/configuration/open-configuration.ts'
import { openRevisions } from './node/configuration/revisions.ts'
import type { RunningGateway, StartOptions } from './node/description/running.ts'
import { StoreProbe } from './node/store-probe.ts'
import { reportStrays } from './node/workers/strays.ts'
import { chooseTransport } from './node/transport.ts'
import { openLineLog } from './node/workers/worker-parts.ts'
import type { Settings } from './settings/schema.ts'

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
  const cwd = process.cwd()
  const configuration = await openConfiguration(settings, { cwd })
  const store = parts.adopt(configuration.store, (open) => open.close())
  const names = createNames(settings)
  const node = parts.adopt(await Node.start({ settings, cwd, store, log, names }), (running) =>
    running.stop(0),
  )
  const declarative = await configuration.take(node)
  const requestLog = parts.adopt(
    openLineLog('admin_access_log', settings.admin_access_log, log),
    (open) => open.close(),
  )
  const probe = new StoreProbe(store, log)
  const logLevel = new LogLevel(settings.log_level, log, node)
  const gateway = new Gateway({
    settings,
    errorLog,
    logLevel,
    requestLog,
    node,
    reread: () => options.reread(),
  })
  const { version } = manifest
  const context = planContext(node.plugins)
  const revisions = openRevisions(node, context)
  const transport = chooseTransport(settings.transport)
  const health = new OperatorHealth(node, node.health, names)
  const deps: AdminDeps = {
    entities: () => node.entities,
    write: (plan, author) => node.write(plan, author),
    context,
    revisions,
    log,
    options: {
      ...defaultAdminOptions,
      bodyLimit: settings.admin_body_limit,
      hosts: settings.admin_hosts,
      origins: settings.admin_gui_url,
      token: () => gateway.settings.admin_token,
    },
    logRequest: (line) => requestLog.write(line),
    version,
    info: () =>
      describeNode(node, gateway.settings, { logLevel: logLevel.current, bound: gateway.report }),
    status: async () => ({
      ready: gateway.ready,
      transport: transport.name,
      ...withHash(await describeHealth(node, probe), declarative),
    }),
    health,
    metrics: new MetricsPage({ node, probe, health, version }),
    timers: () => describeTimers(node.pids),
    logLevel,
    declarative,
    readiness: {
      reason: () => gateway.unready ?? declarative?.unready,
      drain: (on) => gateway.drain(on),
    },
  }
  const status = parts.use(
    await listenHttp(
      settings.status_listen,
      (site) => createStatus(deps, site),
      () => statusTls(settings),
    ),
  )
  const admin = parts.use(
    await listenHttp(
      settings.admin_listen,
      (site) => createAdmin(deps, site),
      () => adminTls(settings),
    ),
  )
  parts.adopt(
    await serveControl(claim.prefix, {
      status: async () => ({ ...(await deps.status()), version, report: gateway.report }),
      plugins: async () =>
        listPlugins(node.catalogue.all(), (name) => enabledOn(node.entities, name)),
      reload: () => gateway.reload(),
      configuration: controlledConfiguration(node, context, declarative),
      revisions,
      stop: (how, timeoutMs) => void gateway.stop(how, timeoutMs),
    }),
    (control) => control.close(),
  )
  const report = {
    stream: node.addresses.map(addressText),
    admin: admin.addresses,
    adminToken: settings.admin_token !== undefined,
    status: status.addresses,
    transport: transport.name,
    workers: settings.worker_processes,
    database: settings.database,
    prefix: settings.prefix,
    plugins: node.catalogue.names(),
    warnings: [...options.warnings, ...node.warnings],
  }
  return gateway.open({
    report,
    follow: async (next) => {
      const steps = [
        await status.follow(() => statusTls(next)),
        await admin.follow(() => adminTls(next)),
      ]
      const declare = await configuration.reread(next)
      return async () => {
        for (const step of steps) step()
        await declare()
      }
    },
    first: admin,
    all: parts.move(),
  })
}
