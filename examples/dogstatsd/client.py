"""The datadog package of PyPI, as an application uses it."""

import sys

from datadog.dogstatsd import DogStatsd

client = DogStatsd(socket_path=sys.argv[1], constant_tags=['env:test'])
client.increment('count', tags=['a:b'])
client.gauge('gauge', 2.5)
client.timing('timing', 5)
client.set('set', 'user-1')
client.distribution('distribution', 1)
client.histogram('histogram', 3)
client.event('title', 'two\nlines', priority='low')
client.service_check('check', client.OK, message='fine')
client.flush()
client.close_socket()
