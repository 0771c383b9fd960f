import { mkdirSync, writeFileSync } from 'node:fs'

import type { Identity } from './identity.ts'
import { answers, freePort, loopback } from './network.ts'
import { nginxHead, nginxTls, startNginx } from './nginx.ts'
import { start, until, type Started } from './processes.ts'

export interface Upstream extends Started {
  readonly port: number
}

export interface Responder extends Upstream {
  /** Where the same is answered over TLS. */
  readonly tlsPort: number | undefined
}

/** What is fetched where bulk comes from the responder: many times what any buffer on the way holds. */
export const bulkPath = '/bulk'
const bulkBytes = 16 * 2 ** 20

/** A responder that costs little: two bytes from memory, the connection kept as long as the client likes. */
export async function startResponder(
  folder: string,
  connections: number,
  identity: Identity | undefined,
): Promise<Responder> {
  const port = await freePort()
  const tlsPort = identity && (await freePort())
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}${bulkPath}`, Buffer.alloc(bulkBytes, 'kong-ts '))
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ')
  // A client that passes through is to pay for a whole handshake each time, as the others do.
  const tls = identity && `${nginxTls(identity)} ssl_session_tickets off; ssl_session_cache off;`
  const server = `server { listen ${loopback}:${port} backlog=4096;
  ${tls === undefined ? '' : `listen ${loopback}:${tlsPort} ssl backlog=4096; ${tls}`}
  keepalive_requests 1000000000; keepalive_timeout 600s; client_header_timeout 600s;
  location / { return 200 "ok"; }
  location = ${bulkPath} { root ${folder}; sendfile on; } }`
  // It closes idle ones to make room once a sixteenth is left.
  const head = nginxHead(folder, Math.ceil(connections * 1.2) + 128)
  writeFileSync(`${folder}/nginx.conf`, `${head}\nhttp { access_log off; ${places}\n${server} }\n`)
  const started = startNginx(folder)
  await until('the responder answers', () => answers(port))
  return { ...started, port, tlsPort }
}

/** The other end of iperf3; the client's first attempt waits for it. */
export async function startSink(): Promise<Upstream> {
  const port = await freePort()
  return { ...start('iperf3', ['-s', '-B', loopback, '-p', String(port)]), port }
}
