<?php
// Each answer needs the database; every fourth takes its time.
$id = (int) ($_GET['id'] ?? 0);
$database = new mysqli(null, 'www', null, 'site', 0, '/run/mysqld/mysqld.sock');
$database->query('insert into jobs () values ()');
if ($id % 4 === 0) {
    usleep(100000);
}
echo "job {$database->insert_id}\n";
