import { flushCompileCache } from 'node:module'
import { loadAddon } from '../../transport/native/addon.ts'

/**
 * Ends this process with a status. Node waits for V8's compiler threads first, and at times they wait for the main
 * thread to collect garbage: then the process never ends (nodejs/node#54918; seen in one of ten on a busy machine). The
 * addon ends it without them; where there is none it is Node's way.
 */
export function leave(code: number): never {
  const addon = loadAddon()
  if ('missing' in addon) process.exit(code)
  process.emit('exit', code)
  flushCompileCache()
  return addon.leave(code)
}
