import { enableCompileCache } from 'node:module'

/** The entry of a worker process: what must hold from its first moment, before the many modules are read. */

// The supervisor alone ends a worker, whoever else signals it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  process.on(signal, () => undefined)
}
enableCompileCache()
const { obeySupervisor } = await import('./worker-process.ts')
obeySupervisor()
