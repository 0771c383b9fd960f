import { Socket, type SocketConstructorOpts } from 'node:net'

/** A socket of Node, paused, out of a descriptor that is its from now on. */
export function adopt(fd: number): Socket {
  // As `net.Server` makes its sockets with `pauseOnConnect`; the types leave it out.
  const options: SocketConstructorOpts & { pauseOnCreate: boolean } = {
    fd,
    readable: true,
    writable: true,
    allowHalfOpen: true,
    pauseOnCreate: true,
  }
  return new Socket(options)
}
