import { once } from 'node:events'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import type { Command } from 'commander'
import { codeOf } from '../errors/code-of.ts'
import { messageOf } from '../errors/message-of.ts'
import { listeners, type Listen } from '../settings/listen.ts'
import type { CommandContext, World } from './world.ts'

export function addEcho(program: Command, { world }: CommandContext): void {
  program
    .command('echo')
    .description('serve TCP and send back what comes, to try the gateway with')
    .option(
      '--listen <address>',
      'where: <ip>:<port> or unix:PATH; port 0 picks one',
      '127.0.0.1:30000',
    )
    .action(async (options: { readonly listen: string }) => echo(options.listen, world))
}

/** Echoes until SIGINT or SIGTERM. A client that ends its side still receives the rest. */
async function echo(text: string, world: World): Promise<void> {
  const warn = (message: string): void => world.terminal.error(message)
  const place = { name: '--listen', cwd: world.cwd, prefix: world.cwd, warn }
  const servers = listeners({ ssl: false })
    .parse(text, place)
    .map((listen) => ({ ...makeEcho(), listen }))
  if (servers.length === 0) throw new Error(`--listen names no address: '${text}'`)
  const ended = Promise.withResolvers<undefined>()
  const ends = (['SIGINT', 'SIGTERM'] as const).map((signal) =>
    world.onSignal(signal, () => ended.resolve(undefined)),
  )
  try {
    for (const { server, listen } of servers) {
      await open(server, listen)
      world.terminal.write(`kong-ts echo listens on ${addressOf(server)}`)
    }
    await ended.promise
  } finally {
    for (const each of servers) endEcho(each)
    for (const end of ends) end()
  }
}

/** A server that sends back what comes, and the connections that it has. */
export interface EchoServer {
  readonly server: Server
  readonly sockets: ReadonlySet<Socket>
}

export function makeEcho(): EchoServer {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A client may reset at any time: that ends its connection and nothing else.
    socket.once('error', () => socket.destroy())
    socket.pipe(socket)
  })
  return { server, sockets }
}

/** Ends its connections, too. */
export function endEcho({ server, sockets }: EchoServer): void {
  server.close()
  for (const socket of sockets) socket.destroy()
}

async function open(server: Server, listen: Listen): Promise<void> {
  const where: ListenOptions =
    listen.path === undefined ? { host: listen.address, port: listen.port } : { path: listen.path }
  const listening = once(server, 'listening')
  server.listen({ ...where, backlog: listen.backlog, ipv6Only: listen.ipv6Only })
  try {
    await listening
  } catch (cause) {
    const why = codeOf(cause) === 'EADDRINUSE' ? 'the address is in use' : messageOf(cause)
    throw new Error(`cannot listen on ${listen.raw}: ${why}`, { cause })
  }
}

function addressOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return `unix:${address}`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${host}:${address.port}`
}
