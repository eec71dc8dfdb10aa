"""The database and the files: engine, migrations, one repository for each aggregate, blobs.

Open it with `storage.store.open_store`. SQL stays in this package; what leaves it are domain objects.
"""

from storage.blobs import Blobs
from storage.spool import Spool
from storage.store import Store, Transaction, open_store

__all__ = ["Blobs", "Spool", "Store", "Transaction", "open_store"]
