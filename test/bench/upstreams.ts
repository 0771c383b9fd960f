import { mkdirSync, writeFileSync } from 'node:fs'

import { answers, freePort, loopback } from './network.ts'
import { start, until, type Started } from './processes.ts'
import { nginxHead } from './proxies.ts'

export interface Upstream extends Started {
  readonly port: number
}

/** A responder that costs little: two bytes from memory, the connection kept as long as the client likes. */
export async function startResponder(folder: string): Promise<Upstream> {
  const port = await freePort()
  mkdirSync(folder, { recursive: true })
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ')
  const server = `server { listen ${loopback}:${port} backlog=4096;
  keepalive_requests 1000000000; keepalive_timeout 600s; client_header_timeout 600s;
  location / { return 200 "ok"; } }`
  writeFileSync(
    `${folder}/nginx.conf`,
    `${nginxHead(folder)}\nhttp { access_log off; ${places}\n${server} }\n`,
  )
  const args = ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`]
  const started = start('nginx', args)
  await until('the responder answers', () => answers(port))
  return { ...started, port }
}

/** The other end of iperf3; the client's first attempt waits for it. */
export async function startSink(): Promise<Upstream> {
  const port = await freePort()
  return { ...start('iperf3', ['-s', '-B', loopback, '-p', String(port)]), port }
}
