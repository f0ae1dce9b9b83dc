# SPDX-License-Identifier: GPL-2.0-only
"""The shop: what is in it, from Redis or PostgreSQL; and orders, which the worker fills."""
import json
import os
import time

import psycopg2
import redis

cache = redis.Redis(unix_socket_path=os.environ["SHOP_REDIS"])
database = None


def rows(query, *values):
    global database
    if database is None:  # one connection per worker process
        database = psycopg2.connect(os.environ["SHOP_DATABASE"])
        database.autocommit = True
    with database.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def shelf(number):
    page = cache.get(f"shelf:{number}")
    if page is None:
        page = json.dumps(rows("select id, name, price from goods where shelf = %s", number)).encode()
        cache.set(f"shelf:{number}", page, px=200)
    return page


def application(environ, start_response):
    path = environ["PATH_INFO"]
    time.sleep(0.02)  # as if it were work to make a page
    if path.startswith("/order/"):
        cache.rpush("orders", path[7:])
        body = b"thank you\n"
    else:
        body = shelf(int(path.strip("/") or 0) % 20)
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
