import { answers } from './network.ts'
import { until } from './processes.ts'
import type { Proxy, Standing } from './proxies.ts'
import { portOf, type Site } from './site.ts'

/** One proxy where it stands: started when it is needed, and again when it has died. */
export class Place {
  readonly proxy: Proxy
  readonly site: Site
  #started: Standing | undefined
  /** How often it has not come up; it is given up after that. */
  #vain = 0

  constructor(proxy: Proxy, site: Site) {
    this.proxy = proxy
    this.site = site
  }

  /** The process that carries, answering. */
  async up(): Promise<Standing> {
    if (this.#started?.isRunning() === true) return this.#started
    if (this.#vain >= 2) throw new Error('it does not start')
    const port = portOf(this.site, 'http')
    if (!this.proxy.isDirect && (await answers(port))) {
      throw new Error('somebody else listens in its place')
    }
    const started = this.proxy.start(this.site)
    this.#started = started
    try {
      await until(`${this.proxy.title} answers`, () => answers(port), started)
      this.#vain = 0
      return started
    } catch (error) {
      this.#vain += 1
      await this.down()
      throw error
    }
  }

  async down(): Promise<void> {
    const started = this.#started
    this.#started = undefined
    await started?.stop()
  }
}
