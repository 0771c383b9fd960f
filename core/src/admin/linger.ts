import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets a client have an answer that comes before it has sent its whole body. Closing with bytes unread resets the
 * connection, and the answer is lost on its way; so where the client asked for a close, what still comes is taken
 * first, within the time that a request may take (RFC 9112 section 9.6).
 */
export function linger(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || response.shouldKeepAlive) return
  response.shouldKeepAlive = true
  // Nothing is said of the connection then: it neither stays nor is closed at once.
  response.removeHeader('connection')
  request.once('end', () => request.socket.end())
}
