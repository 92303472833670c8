/** Who makes a request, as the verified token says. */
export interface Actor {
  id: string
  role: 'admin' | 'member'
  /** The session the token belongs to. */
  session: string
}
