/** What a visit has seen, wherever it ran. */
export const seen = {
  stranger: 'credentials.wrong',
  me: 'admin',
  listed: ['Fuel', 'Oxygen', 'Sandwiches'],
  allowed: ['todo', 'cancelled'],
  aborted: 'client.aborted',
  title: 'Sandwiches',
  told: 'string',
}
