/** The three moves that must be atomic, as Redis runs them. Each is one reply for everything it did. */
export const scripts = {
  /** KEYS: key. ARGV: value, ttl, stale or nothing. Replies what is there, or nil if the value was put. */
  cacheTake: {
    numberOfKeys: 1,
    lua: `
      local current = redis.call('GET', KEYS[1])
      if current and current ~= ARGV[3] then return current end
      redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
      return false`,
  },

  /** KEYS: key. ARGV: how the ticket begins, value, ttl. Replies 1 if the ticket was there. */
  cacheFill: {
    numberOfKeys: 1,
    lua: `
      local current = redis.call('GET', KEYS[1])
      if not current or string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
      redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
      return 1`,
  },

  /** KEYS: keys. ARGV: value, ttl, mode for each. Replies how many entries it dealt with. */
  cacheRefresh: {
    lua: `
      local function rank(text)
        local version, epoch = string.match(text, '^{"version":(%d+),"epoch":(%d+)[,}]')
        return tonumber(version or 0), tonumber(epoch or 0)
      end
      local function isNewer(text, current)
        local version, epoch = rank(text)
        local currentVersion, currentEpoch = rank(current)
        return version > currentVersion or (version == currentVersion and epoch > currentEpoch)
      end
      for i, key in ipairs(KEYS) do
        local value, ttl, mode = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
        local put = mode == 'always'
        if not put then
          local current = redis.call('GET', key)
          put = current and isNewer(value, current)
        end
        if put then redis.call('SET', key, value, 'PX', ttl) end
      end
      return #KEYS`,
  },
}

/** The methods that ioredis makes of them. */
export interface Scripts {
  cacheTake(key: string, value: string, ttlMs: number, ...stale: string[]): Promise<string | null>
  cacheFill(key: string, ticketHead: string, value: string, ttlMs: number): Promise<number>
  cacheRefresh(keys: number, ...keysThenArguments: (string | number)[]): Promise<number>
}
