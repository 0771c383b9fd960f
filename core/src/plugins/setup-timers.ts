import { AsyncLocalStorage, createHook } from 'node:async_hooks'

const storage = new AsyncLocalStorage<SetupTimers>()
const hook = createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'Timeout') storage.getStore()?.add(resource)
  },
})
/** How many setups run; looking at everything asynchronous is for as long as one does. */
let running = 0

/** The timers that a setup starts, for the question whether its teardown stops them. */
export class SetupTimers {
  readonly #timers: WeakRef<object>[] = []

  /** Runs a setup. */
  async during<T>(setup: () => T): Promise<Awaited<T>> {
    running += 1
    hook.enable()
    try {
      return await storage.run(this, setup)
    } finally {
      running -= 1
      if (running === 0) hook.disable()
    }
  }

  add(timer: object): void {
    this.#timers.push(new WeakRef(timer))
  }

  /** How many go on and would keep a process alive: those that are not may be a library's, for everybody. */
  get alive(): number {
    return this.#timers.filter((timer) => isAlive(timer.deref())).length
  }
}

/** Node has no other word for a timer that was cleared or has run. */
function isAlive(timer: object | undefined): boolean {
  if (!timer || Reflect.get(timer, '_destroyed') !== false) return false
  return 'hasRef' in timer && typeof timer.hasRef === 'function' && timer.hasRef() === true
}
