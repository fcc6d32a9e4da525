"""The networks of a model folder, one kind of part a file. They know no scene, no user and no studio."""
