//! What the pages ask the server for, answered by the same functions as the JSON API.
