#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""frames.py N <map.json >film.json: cuts a map's window into N frames.

Each edge moves something in some of them, by a rule that is always the same, and
over the frames its figures add up. Every third process comes after the start;
every fourth one leaves before the end.
"""
import json
import sys

FIGURES = ("ops", "bytes", "received_ops", "received_bytes")


def shares(edge, index, count):
    """The frames that an edge moves in: a run of them, with gaps for odd ones."""
    first = index * 7 % count
    length = 1 + index * 5 % count
    return [f for f in range(first, min(first + length, count)) if index % 2 == 0 or f % 2 == first % 2]


def main():
    count = int(sys.argv[1])
    film = json.load(sys.stdin)
    length = film["duration"]
    bounds = [round(length * i / count, 3) for i in range(count + 1)]
    frames = [{"start": bounds[i], "end": bounds[i + 1], "edges": []} for i in range(count)]
    for index, edge in enumerate(film["edges"]):
        if edge["attribution"] == "idle":
            continue
        among = shares(edge, index, count)
        left = {name: edge.get(name, 0) for name in FIGURES}
        for position, frame in enumerate(among):
            step = {"edge": index}
            for name in FIGURES:
                part = left[name] if position == len(among) - 1 else left[name] // (len(among) - position)
                step[name] = part
                left[name] -= part
            if any(step[name] for name in FIGURES):
                frames[frame]["edges"].append(step)
        edge["first"], edge["last"] = bounds[among[0]], bounds[among[-1] + 1]
    processes = [node for node in film["nodes"] if node["kind"] == "process"]
    for index, node in enumerate(processes):
        if index % 3 == 2:
            node["start"] = bounds[count // 3]
        if index % 4 == 3 or node.get("exited"):
            node["exited"], node["ended"] = True, bounds[max(count * 2 // 3, 1)]
    film["frames"] = frames
    json.dump(film, sys.stdout, indent=1)


main()
