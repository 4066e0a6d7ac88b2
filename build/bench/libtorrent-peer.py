"""One libtorrent client: TORRENT FOLDER. Says `seed` or `complete` once it has everything, and stays."""
import sys
import time

import libtorrent

torrent, folder = sys.argv[1:3]
session = libtorrent.session(
    {
        "listen_interfaces": "0.0.0.0:6881",
        "enable_dht": False,
        "enable_lsd": True,
        "enable_upnp": False,
        "enable_natpmp": False,
        "min_announce_interval": 2,
        "allow_multiple_connections_per_ip": True,
    }
)
handle = session.add_torrent({"ti": libtorrent.torrent_info(torrent), "save_path": folder})
started = False
while not handle.status().is_seeding:
    started = started or handle.status().state == libtorrent.torrent_status.downloading
    time.sleep(0.02)
print("complete" if started else "seed", flush=True)
while True:
    time.sleep(60)
