# SPDX-License-Identifier: GPL-2.0-only
"""Takes orders from the queue in Redis and writes them down in PostgreSQL."""
import os

import psycopg2
import redis

queue = redis.Redis(unix_socket_path=os.environ["SHOP_REDIS"])
database = psycopg2.connect(os.environ["SHOP_DATABASE"])
database.autocommit = True
with database.cursor() as cursor:
    while True:
        _, number = queue.blpop("orders")
        cursor.execute("insert into orders (goods) values (%s)", (int(number),))
