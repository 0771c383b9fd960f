/** A client that dials as often as it is told, several at a time, and tells how many connections were served. */
import { connect } from 'node:net'

const [ports = '', times = '0', atOnce = '1'] = process.argv.slice(2)
const all = ports.split(',').map(Number)
let left = Number(times)
let served = 0

/** Served: it is answered by the echo. */
function dial(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.end('hi')
    socket.once('data', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

async function work(): Promise<void> {
  while (left > 0) {
    left -= 1
    if (await dial(all[left % all.length] ?? 0)) served += 1
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, work))
process.stdout.write(`${served}\n`)
