import { loopback } from './network.ts'
import { until } from './processes.ts'
import { guarded, type Site } from './site.ts'

/** Waits for the Admin API, then makes a service and a route for each listener, as an operator would. */
export async function configureKong({ adminPort, routes, folder }: Site): Promise<void> {
  const admin = `http://${loopback}:${adminPort}`
  await until('the Admin API answers', () => isReady(`${admin}/status`))
  for (const { name, listen, upstream } of routes) {
    await post(`${admin}/services`, { name, url: `tcp://${loopback}:${upstream}` })
    await post(`${admin}/services/${name}/routes`, {
      protocols: 'tcp',
      'destinations[1].port': String(listen),
    })
    if (name === guarded) await guard(`${admin}/services/${name}/plugins`, folder)
  }
}

/** Who may come, how often, and a line of log about it. */
async function guard(plugins: string, folder: string): Promise<void> {
  await post(plugins, { name: 'ip-restriction', 'config.allow[1]': '127.0.0.0/8' })
  await post(plugins, { name: 'rate-limiting', 'config.second': '1000000' })
  await post(plugins, { name: 'file-log', 'config.path': `${folder}/connections.log` })
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url)
    await answer.body?.cancel()
    return answer.ok
  } catch {
    // Nobody listens yet.
    return false
  }
}

async function post(url: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`)
  await answer.body?.cancel()
}
