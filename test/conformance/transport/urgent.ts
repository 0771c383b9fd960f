import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Endpoint } from '@kong-ts/pdk'
import type { Transport } from '../../../core/src/transport/transport.ts'
import { openGate, openUpstream, plainRelay, readAll, soon } from './harness.ts'

/** Node cannot send urgent data (RFC 6093). It says when everything is sent, then prints what comes back. */
const sender = `
use strict; use warnings; use IO::Socket::INET; use Socket qw(MSG_OOB SHUT_WR);
my ($host, $port) = @ARGV;
my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or die $!;
my $go = <STDIN>;
send($socket, 'before', 0) or die $!;
send($socket, '!', MSG_OOB) or die $!;
send($socket, 'after', 0) or die $!;
shutdown($socket, SHUT_WR);
$| = 1; print "sent\\n";
while (sysread($socket, my $bytes, 4096)) { print $bytes }
`
const hasPerl = spawnSync('perl', ['-MIO::Socket::INET', '-e', '1']).status === 0

export function urgent(transport: Transport): void {
  describe.skipIf(!hasPerl)('urgent data', () => {
    test.each([
      ['while bytes flow', false],
      ['before bytes flow, with all there will be', true],
    ])('that comes %s is left out, and nothing else is', async (_when, early) => {
      const gate = await openGate(transport)
      const server = await openUpstream()
      const client = startSender(gate.endpoint)
      const inbound = await gate.accepted.take()
      const outbound = await inbound.connect(server.endpoint, { ...soon(), keepAlive: 0 })
      const upstream = await server.accepted.take()
      if (early) await client.send()
      const relay = inbound.relay(outbound, plainRelay)
      if (!early) await client.send()
      expect((await readAll(upstream)).toString()).toBe('beforeafter')
      upstream.end('done')
      expect(await client.answer).toBe('done')
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
      expect(relay.bytes).toMatchObject({ clientReceived: 11, upstreamSent: 11, clientSent: 4 })
    })
  })
}

function startSender({ address, port }: Endpoint) {
  const child = spawn('perl', ['-e', sender, address, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill()
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return {
    /** Resolves when the bytes are on their way. */
    send: async () => {
      child.stdin.end('go\n')
      while (!text.startsWith('sent\n')) await once(child.stdout, 'data')
    },
    answer: once(child, 'close').then(() => text.slice('sent\n'.length)),
  }
}
