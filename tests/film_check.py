#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""film_check.py places|widths|arrows|motion ...: what the pictures of frames say, read by somebody else.

places FILE.svg...            the paper and every node are where they are in the others, to the last digit
widths FILM.json FILE.svg...  every line is as wide as the bytes of its frame say, and no other line is drawn
arrows FILM.json FILE.svg...  where data went one way, the one arrowhead is at whom it went to
motion FILM.json FILE.svg     the animation lights up what moved in each frame, and lets nobody be seen who is not there
Exits with 1 and a line for what is wrong. Ids of the film are those of the pictures (--all --no-fold).
"""
import json
import math
import re
import sys
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
failures = []


def check(truth, what):
    if not truth:
        failures.append(what)


def things(root, kind):
    """The groups of a class by id."""
    found = {}
    for group in root.iter(SVG + "g"):
        classes = group.get("class", "").split()
        if classes[:1] == [kind]:
            found[group.get("id")] = group
    return found


def outline(group):
    """What is drawn of a node, without its text."""
    shapes = []
    for element in group.iter():
        name = element.tag.replace(SVG, "")
        if name in ("path", "polygon", "ellipse", "polyline"):
            shapes.append((name, *(element.get(key) for key in ("d", "points", "cx", "cy", "rx", "ry"))))
    return shapes


def paper(root):
    return root.get("width"), root.get("height"), root.get("viewBox"), root.find(SVG + "g").get("transform")


def places(paths, same_paper=True):
    seen, papers = {}, set()
    for path in paths:
        root = ElementTree.parse(path).getroot()
        # An empty picture keeps no place.
        if same_paper or things(root, "node"):
            papers.add(paper(root) if same_paper else root.find(SVG + "g").get("transform"))
        for name, group in {**things(root, "node"), **things(root, "cluster")}.items():
            if same_paper or name in things(root, "node"):
                at, first = seen.setdefault(name, (outline(group), path))
                check(at == outline(group), f"{name} moved from {first} to {path}")
    check(len(papers) == 1, f"the paper differs: {papers}")
    print(f"{len(seen)} things in {len(paths)} pictures")


def frame_lines(film, frame):
    """By pair of ids: the bytes of each way, rows apart, and who sent."""
    lines = {}
    for step in film["frames"][frame]["edges"]:
        edge = film["edges"][step["edge"]]
        pair = tuple(sorted((edge["src"], edge["dst"])))
        channel = next((c for c in film["channels"] if c["id"] == edge["channel"]), {})
        row = (edge["mechanism"], edge["attribution"] not in ("exact", "hub") and edge["attribution"],
               channel.get("name"), edge.get("signal"), edge["src"])
        sums = lines.setdefault(pair, {}).setdefault(row, [0, 0])
        sums[0] += step["bytes"]
        sums[1] += step["received_bytes"]
    return lines


def line_bytes(rows):
    return sum(max(sums) for sums in rows.values())


def style_width(count):
    return min(max(.5 + .5 * (math.log10(count) - 1) if count else 0, .8), 5)


def edges_of(root):
    """By pair of ids: the group."""
    return {tuple(sorted(name.split("-")[1:])): group for name, group in things(root, "edge").items()}


def widths(film, paths):
    counted = 0
    for frame, path in enumerate(paths):
        lines, drawn = frame_lines(film, frame), edges_of(ElementTree.parse(path).getroot())
        check(set(lines) == set(drawn), f"{path}: {set(lines) ^ set(drawn)} are drawn or are not")
        for pair in set(lines) & set(drawn):
            group = drawn[pair]
            if {"signal", "sink"} & set(group.get("class").split()):
                continue
            width = float(next(group.iter(SVG + "path")).get("stroke-width", 1))
            wanted = style_width(line_bytes(lines[pair]))
            check(abs(width - wanted) < .006, f"{path}: {pair} is {width} wide, not {wanted}")
            counted += 1
    print(f"{counted} lines")


def points(text):
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", text)]
    return list(zip(numbers[::2], numbers[1::2]))


def middle(group):
    corners = []
    for _, d, polygon, *ellipse in outline(group):
        if d or polygon:
            corners += points(d or polygon)
        else:
            cx, cy, rx, ry = map(float, ellipse)
            corners += [(cx - rx, cy - ry), (cx + rx, cy + ry)]
    xs, ys = zip(*corners)
    return (min(xs), max(xs), min(ys), max(ys))


def distance(box, point):
    """From a point to a box; zero within it."""
    x = max(box[0] - point[0], 0, point[0] - box[1])
    y = max(box[2] - point[1], 0, point[1] - box[3])
    return math.hypot(x, y)


def arrows(film, paths):
    counted = 0
    for frame, path in enumerate(paths):
        root = ElementTree.parse(path).getroot()
        nodes, drawn = things(root, "node"), edges_of(root)
        for pair, rows in frame_lines(film, frame).items():
            senders = {row[4] for row in rows}
            heads = [points(p.get("points")) for p in drawn[pair].iter(SVG + "polygon") if p.get("points").count(",") > 2
                     and p.get("stroke") != "transparent"]  # a label's ground
            heads = [head for head in heads if len(head) != 5 or head[0] == head[-1]]
            if pair[0] == pair[1] or "sink" in drawn[pair].get("class").split():
                continue
            ends = []
            for end in pair:
                box = middle(nodes[end])
                ends.append(any(min(distance(box, point) for point in head) < 5 for head in heads))
            wanted = [(pair[0] if end == pair[1] else pair[1]) in senders for end in pair]
            check(ends == wanted, f"{path}: {pair}: heads at {ends}, not {wanted}")
            counted += 1
    print(f"{counted} lines")


def track(group, attribute):
    """[(time, value)] of an animated attribute, or None."""
    for element in group:
        if element.tag == SVG + "animate" and element.get("attributeName") == attribute:
            values = [float(value) for value in element.get("values").split(";")]
            times = [float(time) for time in element.get("keyTimes").split(";")]
            check(len(values) == len(times) and times[0] == 0 and times[-1] == 1 and times == sorted(times),
                  f"{group.get('id')}: {times} for {len(values)} values")
            check(element.get("repeatCount") == "indefinite", "does not loop")
            return list(zip(times, values))
    return None


def value_at(points_in_time, time, otherwise):
    if points_in_time is None:
        return otherwise
    for (t0, v0), (t1, v1) in zip(points_in_time, points_in_time[1:]):
        if t0 <= time <= t1 and t1 > t0:
            return v0 + (v1 - v0) * (time - t0) / (t1 - t0)
    return points_in_time[-1][1]


def motion(film, path):
    root = ElementTree.parse(path).getroot()
    length, drawn, nodes = film["frames"][-1]["end"], edges_of(root), things(root, "node")
    counted = 0
    active = {}
    for frame, bounds in enumerate(film["frames"]):
        for end in {end for pair in frame_lines(film, frame) for end in pair}:
            active.setdefault(end, [bounds["start"], 0])[1] = bounds["end"]
    for frame, bounds in enumerate(film["frames"]):
        now = (bounds["start"] + .6 * (bounds["end"] - bounds["start"])) / length
        lines = frame_lines(film, frame)
        talking = {end for pair in lines for end in pair}
        for pair, group in drawn.items():
            opacity = value_at(track(group, "opacity"), now, 1)
            check((opacity == 1) == (pair in lines), f"frame {frame}: {pair} has opacity {opacity}")
            shape = next(group.iter(SVG + "path"))
            if pair in lines and track(shape, "stroke-width"):
                width, wanted = value_at(track(shape, "stroke-width"), now, 0), style_width(line_bytes(lines[pair]))
                # What an animation sums is each edge's larger end, not each row's.
                check(width >= wanted - .006, f"frame {frame}: {pair} is {width} wide, not {wanted}")
            counted += 1
        for node in film["nodes"]:
            opacity = value_at(track(nodes[node["id"]], "opacity"), now, 1)
            first, last = active[node["id"]]
            if node["id"] in talking:
                check(opacity == 1, f"frame {frame}: {node['id']} talks at {opacity}")
            elif node["kind"] == "process" and (
                    min(node["start"], first) >= bounds["end"] or
                    max(node.get("ended", 1e9), last) <= bounds["start"]):
                check(opacity == 0, f"frame {frame}: {node['id']} is seen at {opacity}, and not there")
            elif node["kind"] == "process":
                check(0 < opacity < 1, f"frame {frame}: {node['id']} is silent at {opacity}")
            counted += 1
    print(f"{counted} things")


def main():
    command, paths = sys.argv[1], sys.argv[2:]
    if command == "places":
        places(paths)
    elif command == "kept":
        places(paths, same_paper=False)
    else:
        with open(paths[0]) as file:
            film = json.load(file)
        if command == "motion":
            motion(film, paths[1])
        else:
            {"widths": widths, "arrows": arrows}[command](film, paths[1:])
    for failure in failures[:20]:
        print(failure)
    return 1 if failures else 0


sys.exit(main())
